-- How many banners were clicked on a day; a number that is high enough ends the counting.
-- $1 the day, in minutes since the epoch, $2 the number
SELECT count(*)::int AS banners
FROM (
  SELECT
  FROM click_days
  WHERE day = to_timestamp($1::bigint * 60)
  LIMIT $2::int
) AS clicked
