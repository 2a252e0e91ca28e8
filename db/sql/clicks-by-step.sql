-- One row a group, with its sums and its entries: four lists of one length, ascending by step, which the driver handles
-- much faster than a row each. An entry's step is the number of its start, from 1. The sums of all groups stand in each
-- row, because there may be more groups than rows.
--
-- A condition that is null is none. Postgres plans it with the values, so what they make constant costs nothing, and
-- only partitions within the bounds are looked at.
-- $1 banner ids, $2 campaign, $3 label, $4 campaigns, '' for none, $5 what a group is: banner, campaign or none,
-- $6 the starts of the steps, $7 whether entries are wanted, $8 groups at most: those with the most valid clicks,
-- $9 minutes: from, $10 to, $11 the first, $12 the end of the last
WITH counted AS (
  SELECT banner_id, minute AS at, clicks, bots, duplicates
  FROM unnest($9::bigint[], $10::bigint[]) AS piece (starts, ends)
  JOIN click_minutes ON minute >= to_timestamp(piece.starts * 60) AND minute < to_timestamp(piece.ends * 60)
  WHERE ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
    AND minute >= $11::timestamptz AND minute < $12::timestamptz
), entries AS (
  SELECT CASE $5::text WHEN 'banner' THEN banner_id END AS banner_id,
         CASE $5::text WHEN 'campaign' THEN campaign END AS campaign,
         width_bucket(at, ARRAY(SELECT to_timestamp(start * 60) FROM unnest($6::bigint[]) AS start)) AS step,
         sum(clicks) AS clicks,
         sum(bots) AS bots,
         sum(duplicates) AS duplicates
  FROM counted
  LEFT JOIN banners ON id = banner_id
  WHERE ($2::text IS NULL OR campaign = $2::text)
    AND ($3::text IS NULL OR labels @> ARRAY[$3::text])
    AND ($4::text[] IS NULL OR coalesce(campaign, '') = ANY ($4::text[]))
  GROUP BY 1, 2, 3
)
SELECT banner_id::int AS "bannerId",
       campaign,
       sum(clicks)::text AS total,
       sum(bots)::text AS bots,
       sum(duplicates)::text AS duplicates,
       sum(sum(clicks)) OVER ()::text AS "allTotal",
       sum(sum(bots)) OVER ()::text AS "allBots",
       sum(sum(duplicates)) OVER ()::text AS "allDuplicates",
       CASE WHEN $7::boolean THEN string_agg(step::text, ',' ORDER BY step) END AS "entrySteps",
       CASE WHEN $7::boolean THEN string_agg(clicks::text, ',' ORDER BY step) END AS "entryTotals",
       CASE WHEN $7::boolean THEN string_agg(bots::text, ',' ORDER BY step) END AS "entryBots",
       CASE WHEN $7::boolean THEN string_agg(duplicates::text, ',' ORDER BY step) END AS "entryDuplicates"
FROM entries
GROUP BY banner_id, campaign
ORDER BY sum(clicks) DESC, banner_id, campaign
LIMIT $8::int
