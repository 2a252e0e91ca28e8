-- Adds clicks to their minutes. The arrays are of one length, ascending by banner, then minute, each pair
-- once. So every writer locks rows in that order, and writers cannot deadlock.
--
-- It may pause every 125 rows, which are about half a millisecond's work. Without pauses the system would let
-- it work for several milliseconds on end, and a click that needs the same processor would wait. The
-- condition is true for every row, whatever $6 is.
-- $1 banner ids, $2 minutes since the epoch, $3 valid clicks, $4 bots, $5 duplicates, $6 seconds of a pause
INSERT INTO click_minutes AS counted (banner_id, minute, clicks, bots, duplicates)
SELECT banner_id, to_timestamp(minute * 60::bigint), clicks, bots, duplicates
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
  WITH ORDINALITY AS batch (banner_id, minute, clicks, bots, duplicates, number)
WHERE CASE number % 125 WHEN 0 THEN (pg_sleep($6) IS NULL) IS NOT NULL ELSE true END
ON CONFLICT (banner_id, minute) DO UPDATE
SET clicks = counted.clicks + excluded.clicks,
    bots = counted.bots + excluded.bots,
    duplicates = counted.duplicates + excluded.duplicates
