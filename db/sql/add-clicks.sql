-- Adds clicks to their minutes. The arrays are of one length, ascending by banner, then minute, each pair
-- once: rows are locked in that order by every writer.
--
-- It may rest every 125 rows, about half a millisecond's work: the system would let it work for several milliseconds on
-- end, and a click that needs the same processor would wait. The condition is true for every row, whatever $4 is.
-- $1 banner ids, $2 minutes since the epoch, $3 clicks, $4 seconds to rest
INSERT INTO click_minutes AS counted (banner_id, minute, clicks)
SELECT banner_id, to_timestamp(minute * 60::bigint), clicks
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
  WITH ORDINALITY AS batch (banner_id, minute, clicks, number)
WHERE CASE number % 125 WHEN 0 THEN (pg_sleep($4) IS NULL) IS NOT NULL ELSE true END
ON CONFLICT (banner_id, minute) DO UPDATE
SET clicks = counted.clicks + excluded.clicks
