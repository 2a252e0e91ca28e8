-- Banners without clicks are left out.
-- $1 banner ids, $2 from (inclusive), $3 to (exclusive); over the start of the minute
SELECT banner_id::int AS "bannerId",
       sum(clicks)::text AS total,
       sum(bots)::text AS bots,
       sum(duplicates)::text AS duplicates
FROM click_minutes
WHERE banner_id = ANY ($1::bigint[]) AND minute >= $2::timestamptz AND minute < $3::timestamptz
GROUP BY banner_id
