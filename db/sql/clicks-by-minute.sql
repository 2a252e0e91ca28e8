-- One page, ascending, as lists: the driver handles them much faster than a row each. Minutes are numbers since the
-- epoch, so that no time zone and no parsing comes in between. An empty page has null for the lists.
-- $1 banner id, $2 from (inclusive), $3 to (exclusive), $4 rows at most
SELECT string_agg((date_part('epoch', minute) / 60)::bigint::text, ',' ORDER BY minute) AS minutes,
       string_agg(clicks::text, ',' ORDER BY minute) AS clicks,
       string_agg(bots::text, ',' ORDER BY minute) AS bots,
       string_agg(duplicates::text, ',' ORDER BY minute) AS duplicates
FROM (
  SELECT minute, clicks, bots, duplicates
  FROM click_minutes
  WHERE banner_id = $1::bigint AND minute >= $2::timestamptz AND minute < $3::timestamptz
  ORDER BY minute
  LIMIT $4::int
) AS page
