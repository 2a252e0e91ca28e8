-- Ends what kept.sql begins, in place of counted.sql: a row for each step and banner, ascending. A step is the number of
-- its start, from 1.
-- $14 the starts of the steps; only rows behind this one: $15 its step, $16 its banner
)
SELECT step::int, banner_id::int AS "bannerId", sum(clicks)::text AS clicks, sum(bots)::text AS bots,
       sum(duplicates)::text AS duplicates
FROM (
  SELECT width_bucket(at, ARRAY(SELECT to_timestamp(start * 60) FROM unnest($14::bigint[]) AS start)) AS step,
         banner_id,
         clicks,
         bots,
         duplicates
  FROM kept
) AS stepped
WHERE (step, banner_id) > ($15::int, $16::bigint)
GROUP BY step, banner_id
HAVING sum(clicks) <> 0 OR sum(bots) <> 0 OR sum(duplicates) <> 0
ORDER BY step, banner_id
