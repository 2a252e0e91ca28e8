-- One page, ascending, as lists: the driver handles them much faster than a row each. Minutes are numbers since the
-- epoch, so that no time zone and no parsing comes in between.
-- $1 banner id, $2 from (inclusive), $3 to (exclusive), $4 rows at most
SELECT count(*)::int AS rows,
       coalesce(max(minute), 0)::text AS last,
       coalesce(string_agg(minute::text, ',' ORDER BY minute), '') AS "entrySteps",
       coalesce(string_agg(clicks::text, ',' ORDER BY minute), '') AS "entryTotals",
       coalesce(string_agg(bots::text, ',' ORDER BY minute), '') AS "entryBots",
       coalesce(string_agg(duplicates::text, ',' ORDER BY minute), '') AS "entryDuplicates"
FROM (
  SELECT (date_part('epoch', minute) / 60)::bigint AS minute, clicks, bots, duplicates
  FROM click_minutes
  WHERE banner_id = $1::bigint AND minute >= $2::timestamptz AND minute < $3::timestamptz
  ORDER BY click_minutes.minute
  LIMIT $4::int
) AS page
