-- Several pieces of days, as in kept-days.sql.
SELECT part.*
FROM (
  SELECT to_timestamp(starts * 60) AS starts, to_timestamp(ends * 60) AS ends
  FROM unnest($2::bigint[], $3::bigint[]) AS minutes (starts, ends)
  OFFSET 0
) AS piece
CROSS JOIN LATERAL (
  WITH apart AS (SELECT)
  SELECT banner_id, least(day + interval '12 hours', $5::timestamptz - interval '1 minute') AS at, clicks, bots, duplicates
  FROM click_days
  WHERE day >= piece.starts AND day < piece.ends
    AND day >= $4::timestamptz AND day < $5::timestamptz
    AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
) AS part
