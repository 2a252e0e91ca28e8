-- Quarters that are not what their minutes come to, with what was imported by hour: those that differ,
-- are missing, or should not be there. Ascending by time, then banner.
-- $1 from (inclusive), $2 until (exclusive), in minutes since the epoch; $3 rows at most; $4 quarters are made
-- until then
WITH counted AS (
  SELECT banner_id,
         date_bin('15 minutes', minute, 'epoch') AS quarter,
         sum(clicks)::bigint AS clicks,
         sum(bots)::bigint AS bots,
         sum(duplicates)::bigint AS duplicates
  FROM (
    SELECT banner_id, minute, clicks, bots, duplicates
    FROM click_minutes
    WHERE minute >= to_timestamp($1::bigint * 60) AND minute < to_timestamp(least($2::bigint, $4::bigint) * 60)
    UNION ALL
    SELECT banner_id, starts_at, clicks, 0, 0
    FROM click_imported
    WHERE grain = 'hour' AND starts_at >= to_timestamp($1::bigint * 60) AND starts_at < to_timestamp($2::bigint * 60)
  ) AS fine
  GROUP BY 1, 2
),
kept AS (
  SELECT banner_id, quarter, clicks, bots, duplicates
  FROM click_quarters
  WHERE quarter >= to_timestamp($1::bigint * 60) AND quarter < to_timestamp($2::bigint * 60)
)
SELECT banner_id::float8 AS "bannerId",
       round(extract(epoch FROM quarter) / 60)::float8 AS start,
       concat_ws(' ', kept.clicks, kept.bots, kept.duplicates) AS kept,
       concat_ws(' ', counted.clicks, counted.bots, counted.duplicates) AS counted
FROM counted
FULL JOIN kept USING (banner_id, quarter)
WHERE (counted.clicks, counted.bots, counted.duplicates) IS DISTINCT FROM (kept.clicks, kept.bots, kept.duplicates)
ORDER BY quarter, banner_id
LIMIT $3::int
