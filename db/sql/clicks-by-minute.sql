-- One page, ascending. Minutes come as seconds since the epoch: no time zone and no parsing in between.
-- $1 banner id, $2 from (inclusive), $3 to (exclusive), $4 most rows
SELECT extract(epoch FROM minute)::bigint::text, clicks::text
FROM click_minutes
WHERE banner_id = $1::bigint AND minute >= $2::timestamptz AND minute < $3::timestamptz
ORDER BY minute
LIMIT $4::int
