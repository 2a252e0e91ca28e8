-- Several pieces of quarters.
SELECT part.*
FROM (
  SELECT to_timestamp(starts * 60) AS starts, to_timestamp(ends * 60) AS ends
  FROM unnest($6::bigint[], $7::bigint[]) AS minutes (starts, ends)
  OFFSET 0
) AS piece
CROSS JOIN LATERAL (
  WITH apart AS (SELECT)
  SELECT banner_id, quarter AS at, clicks, bots, duplicates
  FROM click_quarters
  WHERE quarter >= piece.starts AND quarter < piece.ends
    AND quarter >= $8::timestamptz AND quarter < $9::timestamptz
    AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
) AS part
