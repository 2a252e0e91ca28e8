-- How many banners are clicked on a day, and in one of its quarters of an hour; of four, on average. A number that is high
-- enough ends the counting.
-- $1 the day, $2 its four quarters, $3 the number
SELECT (
         SELECT count(*)::int
         FROM (
           SELECT
           FROM click_days
           WHERE day = $1::timestamptz
           LIMIT $3::int
         ) AS clicked
       ) AS "perDay",
       (
         SELECT count(*)::int / 4
         FROM (
           SELECT
           FROM click_quarters
           WHERE quarter = ANY ($2::timestamptz[])
           LIMIT $3::int
         ) AS clicked
       ) AS "perQuarter"
