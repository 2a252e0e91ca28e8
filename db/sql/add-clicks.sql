-- Adds clicks to their minutes. The arrays are of one length, ascending by banner, then minute, each pair
-- once: rows are locked in that order by every writer.
-- $1 banner ids, $2 minutes since the epoch, $3 clicks
INSERT INTO click_minutes AS counted (banner_id, minute, clicks)
SELECT banner_id, to_timestamp(minute * 60::bigint), clicks
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS batch (banner_id, minute, clicks)
ON CONFLICT (banner_id, minute) DO UPDATE
SET clicks = counted.clicks + excluded.clicks
