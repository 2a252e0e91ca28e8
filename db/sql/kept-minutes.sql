-- Pieces of minutes.
SELECT part.*
FROM (
  SELECT to_timestamp(starts * 60) AS starts, to_timestamp(ends * 60) AS ends
  FROM unnest($10::bigint[], $11::bigint[]) AS minutes (starts, ends)
  OFFSET 0
) AS piece
CROSS JOIN LATERAL (
  WITH apart AS (SELECT)
  SELECT banner_id, minute AS at, clicks, bots, duplicates
  FROM click_minutes
  WHERE minute >= piece.starts AND minute < piece.ends
    AND minute >= $12::timestamptz AND minute < $13::timestamptz
    AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
) AS part
