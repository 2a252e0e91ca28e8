-- The clicks that a question is about; moved.sql may go on from this, and counted.sql does. Each table is read piece by
-- piece: OFFSET 0 keeps Postgres from reading it once for all pieces, from the first to the last. One piece of days or
-- quarters is read without that: a question about millions of rows takes a tenth less. Conditions that are null are none.
-- Postgres plans with the values: so what they make constant costs nothing, parts of the statement that cannot give rows
-- are left out, and only partitions within the bounds are looked at.
-- A day counts at its noon. The running day may have none yet, and counts at the last minute that its row has.
-- $1 banner ids; $2 days: from, $3 to, $4 the first, $5 the end of the last; $6 to $9 quarters; $10 to $13 minutes
WITH kept AS (
  SELECT banner_id, least(day + interval '12 hours', $5::timestamptz - interval '1 minute') AS at, clicks, bots, duplicates
  FROM click_days
  WHERE cardinality($2::bigint[]) = 1
    AND day >= $4::timestamptz AND day < $5::timestamptz
    AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
  UNION ALL
  SELECT part.*
  FROM (
    SELECT to_timestamp(starts * 60) AS starts, to_timestamp(ends * 60) AS ends
    FROM unnest($2::bigint[], $3::bigint[]) AS minutes (starts, ends)
    WHERE cardinality($2::bigint[]) > 1
    OFFSET 0
  ) AS piece
  CROSS JOIN LATERAL (
    SELECT banner_id, least(day + interval '12 hours', $5::timestamptz - interval '1 minute') AS at, clicks, bots, duplicates
    FROM click_days
    WHERE day >= piece.starts AND day < piece.ends
      AND day >= $4::timestamptz AND day < $5::timestamptz
      AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
    OFFSET 0
  ) AS part
  UNION ALL
  SELECT banner_id, quarter, clicks, bots, duplicates
  FROM click_quarters
  WHERE cardinality($6::bigint[]) = 1
    AND quarter >= $8::timestamptz AND quarter < $9::timestamptz
    AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
  UNION ALL
  SELECT part.*
  FROM (
    SELECT to_timestamp(starts * 60) AS starts, to_timestamp(ends * 60) AS ends
    FROM unnest($6::bigint[], $7::bigint[]) AS minutes (starts, ends)
    WHERE cardinality($6::bigint[]) > 1
    OFFSET 0
  ) AS piece
  CROSS JOIN LATERAL (
    SELECT banner_id, quarter, clicks, bots, duplicates
    FROM click_quarters
    WHERE quarter >= piece.starts AND quarter < piece.ends
      AND quarter >= $8::timestamptz AND quarter < $9::timestamptz
      AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
    OFFSET 0
  ) AS part
  UNION ALL
  SELECT part.*
  FROM (
    SELECT to_timestamp(starts * 60) AS starts, to_timestamp(ends * 60) AS ends
    FROM unnest($10::bigint[], $11::bigint[]) AS minutes (starts, ends)
    WHERE cardinality($10::bigint[]) > 0
    OFFSET 0
  ) AS piece
  CROSS JOIN LATERAL (
    SELECT banner_id, minute, clicks, bots, duplicates
    FROM click_minutes
    WHERE minute >= piece.starts AND minute < piece.ends
      AND minute >= $12::timestamptz AND minute < $13::timestamptz
      AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
    OFFSET 0
  ) AS part
