-- Moved quarters. Their days are read whole, and count at the noon: they are taken off there, and count where they are.
-- $19 from, $20 to, $21 the first, $22 the end of the last
SELECT banner_id,
       CASE sign WHEN 1 THEN piece.starts ELSE date_bin('1 day', piece.starts, 'epoch') + interval '12 hours' END AS at,
       sign * clicks AS clicks,
       sign * bots AS bots,
       sign * duplicates AS duplicates
FROM (
  SELECT to_timestamp(starts * 60) AS starts, to_timestamp(ends * 60) AS ends
  FROM unnest($19::bigint[], $20::bigint[]) AS minutes (starts, ends)
  OFFSET 0
) AS piece
CROSS JOIN LATERAL (
  SELECT banner_id, sum(clicks)::bigint AS clicks, sum(bots)::bigint AS bots, sum(duplicates)::bigint AS duplicates
  FROM click_quarters
  WHERE quarter >= piece.starts AND quarter < piece.ends
    AND quarter >= $21::timestamptz AND quarter < $22::timestamptz
    AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
  GROUP BY banner_id
) AS part
CROSS JOIN (VALUES (1), (-1)) AS signs (sign)
