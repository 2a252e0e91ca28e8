-- Notes clicks of hours or days that are in the sums and in no minute. The arrays are in the same order.
-- $1 banner ids, $2 first minutes of the hours or days, since the epoch, $3 clicks, $4 hour or day, $5 id of the import
INSERT INTO click_imported (banner_id, starts_at, grain, import_id, clicks)
SELECT banner_id, to_timestamp(minute * 60::bigint), $4, $5, clicks
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS imported (banner_id, minute, clicks)
