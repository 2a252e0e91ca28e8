-- One page, ascending, as two lists: the driver handles two values much faster than two in each row.
-- Minutes are numbers since the epoch, so that no time zone and no parsing comes in between. An empty
-- page has null for both lists.
-- $1 banner id, $2 from (inclusive), $3 to (exclusive), $4 rows at most
SELECT string_agg((date_part('epoch', minute) / 60)::bigint::text, ',' ORDER BY minute) AS minutes,
       string_agg(clicks::text, ',' ORDER BY minute) AS clicks
FROM (
  SELECT minute, clicks
  FROM click_minutes
  WHERE banner_id = $1::bigint AND minute >= $2::timestamptz AND minute < $3::timestamptz
  ORDER BY minute
  LIMIT $4::int
) AS page
