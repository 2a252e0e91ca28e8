-- How many banners are clicked on a day, and in a quarter of an hour of it: the mean of four. Rows are counted up to a
-- number that is high enough.
-- $1 the day, $2 its four quarters, $3 the number
SELECT (
         SELECT count(*)::int
         FROM (
           SELECT 1
           FROM click_days
           WHERE day = $1::timestamptz
           LIMIT $3::int
         ) AS clicked
       ) AS "perDay",
       (
         SELECT count(*)::int / 4
         FROM (
           SELECT 1
           FROM click_quarters
           WHERE quarter = ANY ($2::timestamptz[])
           LIMIT $3::int
         ) AS clicked
       ) AS "perQuarter"
