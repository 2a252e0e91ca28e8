-- Adds clicks to their quarters, as add-clicks.sql does to minutes, without pauses. The arrays are in the same order.
-- $1 banner ids, $2 first minutes of quarters, since the epoch, $3 valid clicks, $4 bots, $5 duplicates
INSERT INTO click_quarters AS counted (banner_id, quarter, clicks, bots, duplicates)
SELECT banner_id, to_timestamp(minute * 60::bigint), clicks, bots, duplicates
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
  AS late (banner_id, minute, clicks, bots, duplicates)
ON CONFLICT (banner_id, quarter) DO UPDATE
SET clicks = counted.clicks + excluded.clicks,
    bots = counted.bots + excluded.bots,
    duplicates = counted.duplicates + excluded.duplicates
