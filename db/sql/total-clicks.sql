-- $1 banner id, $2 from (inclusive), $3 to (exclusive); over the start of the minute
SELECT coalesce(sum(clicks), 0)::text AS total
FROM click_minutes
WHERE banner_id = $1::bigint AND minute >= $2::timestamptz AND minute < $3::timestamptz
