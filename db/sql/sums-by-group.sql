-- Follows counted.sql. One row a group, by valid clicks, descending. The sums of all groups stand in each row, because
-- there may be more groups than rows. Most rows have neither bots nor duplicates: to leave these out of the sums takes a
-- tenth of the time.
-- $18 rows at most
SELECT banner_id::int AS "bannerId",
       campaign,
       sum(clicks)::text AS total,
       coalesce(sum(bots) FILTER (WHERE bots <> 0), 0)::text AS bots,
       coalesce(sum(duplicates) FILTER (WHERE duplicates <> 0), 0)::text AS duplicates,
       sum(sum(clicks)) OVER ()::text AS "allTotal",
       coalesce(sum(sum(bots) FILTER (WHERE bots <> 0)) OVER (), 0)::text AS "allBots",
       coalesce(sum(sum(duplicates) FILTER (WHERE duplicates <> 0)) OVER (), 0)::text AS "allDuplicates"
FROM counted
GROUP BY banner_id, campaign
ORDER BY sum(clicks) DESC, banner_id, campaign
LIMIT $18::int
