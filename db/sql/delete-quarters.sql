-- $1 banner ids, $2 starts of quarters, in minutes since the epoch: arrays of one length; all starts are from $3 until $4
DELETE FROM click_quarters
USING unnest($1::bigint[], $2::bigint[]) AS wrong (banner_id, start)
WHERE click_quarters.banner_id = wrong.banner_id AND quarter = to_timestamp(start * 60)
  AND quarter >= to_timestamp($3::bigint * 60) AND quarter < to_timestamp($4::bigint * 60)
