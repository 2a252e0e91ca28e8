-- Adds quarters to their days.
-- $1 from (inclusive), $2 until (exclusive), in minutes since the epoch
INSERT INTO click_days AS counted (banner_id, day, clicks, bots, duplicates)
SELECT banner_id,
       date_bin('1 day', quarter, 'epoch'),
       sum(clicks)::bigint,
       sum(bots)::bigint,
       sum(duplicates)::bigint
FROM click_quarters
WHERE quarter >= to_timestamp($1::bigint * 60) AND quarter < to_timestamp($2::bigint * 60)
GROUP BY 1, 2
ON CONFLICT (banner_id, day) DO UPDATE
SET clicks = counted.clicks + excluded.clicks,
    bots = counted.bots + excluded.bots,
    duplicates = counted.duplicates + excluded.duplicates
