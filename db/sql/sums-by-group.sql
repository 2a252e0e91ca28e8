-- Follows counted.sql. One row a group, by valid clicks, descending. The sums of all groups stand in each row, because
-- there may be more groups than rows.
-- $18 rows at most
SELECT banner_id::int AS "bannerId",
       campaign,
       sum(clicks)::text AS total,
       sum(bots)::text AS bots,
       sum(duplicates)::text AS duplicates,
       sum(sum(clicks)) OVER ()::text AS "allTotal",
       sum(sum(bots)) OVER ()::text AS "allBots",
       sum(sum(duplicates)) OVER ()::text AS "allDuplicates"
FROM counted
GROUP BY banner_id, campaign
ORDER BY sum(clicks) DESC, banner_id, campaign
LIMIT $18::int
