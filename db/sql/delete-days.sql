-- $1 banner ids, $2 starts of days, in minutes since the epoch: arrays of one length; all starts are from $3 until $4
DELETE FROM click_days
USING unnest($1::bigint[], $2::bigint[]) AS wrong (banner_id, start)
WHERE click_days.banner_id = wrong.banner_id AND day = to_timestamp(start * 60)
  AND day >= to_timestamp($3::bigint * 60) AND day < to_timestamp($4::bigint * 60)
