-- One page, ascending, as two lists: two values cost the driver far less than two a row. Minutes are counted
-- since the epoch: no time zone and no parsing in between. Both lists are null when the page is empty.
-- $1 banner id, $2 from (inclusive), $3 to (exclusive), $4 most rows
SELECT string_agg((date_part('epoch', minute) / 60)::bigint::text, ',' ORDER BY minute) AS minutes,
       string_agg(clicks::text, ',' ORDER BY minute) AS clicks
FROM (
  SELECT minute, clicks
  FROM click_minutes
  WHERE banner_id = $1::bigint AND minute >= $2::timestamptz AND minute < $3::timestamptz
  ORDER BY minute
  LIMIT $4::int
) AS page
