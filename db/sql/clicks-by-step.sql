-- Follows counted.sql. One row a group, with its sums and its entries: four lists of one length, ascending by step,
-- which the driver handles much faster than a row each. A step is the number of its start, from 1. One from which all
-- clicks were moved is no entry.
-- $18 the starts of the steps
, entries AS (
  SELECT banner_id,
         campaign,
         width_bucket(at, ARRAY(SELECT to_timestamp(start * 60) FROM unnest($18::bigint[]) AS start)) AS step,
         sum(clicks) AS clicks,
         sum(bots) AS bots,
         sum(duplicates) AS duplicates
  FROM counted
  GROUP BY 1, 2, 3
  HAVING sum(clicks) <> 0 OR sum(bots) <> 0 OR sum(duplicates) <> 0
)
SELECT banner_id::int AS "bannerId",
       campaign,
       sum(clicks)::text AS total,
       sum(bots)::text AS bots,
       sum(duplicates)::text AS duplicates,
       string_agg(step::text, ',' ORDER BY step) AS "entrySteps",
       string_agg(clicks::text, ',' ORDER BY step) AS "entryTotals",
       string_agg(bots::text, ',' ORDER BY step) AS "entryBots",
       string_agg(duplicates::text, ',' ORDER BY step) AS "entryDuplicates"
FROM entries
GROUP BY banner_id, campaign
