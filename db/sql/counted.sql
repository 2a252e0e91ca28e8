-- The clicks that a question is about, each with its group. Other statements begin with this. Each table is read piece by
-- piece: OFFSET 0 keeps Postgres from reading it once for all pieces, from the first to the last. One piece of days or
-- quarters is read without that: a question about millions of rows takes a tenth less. Conditions that are null are none.
-- Postgres plans with the values: so what they make constant costs nothing, parts of the statement that cannot give rows
-- are left out, and only partitions within the bounds are looked at.
-- $1 banner ids; $2 days: from, $3 to, $4 the first, $5 the end of the last; $6 to $9 quarters; $10 to $13 minutes;
-- $14 campaign, $15 label, $16 campaigns, '' for none, $17 what a group is: banner, campaign or none
WITH kept AS (
  SELECT banner_id, day AS at, clicks, bots, duplicates
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
    SELECT banner_id, day AS at, clicks, bots, duplicates
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
), counted AS (
  SELECT CASE $17::text WHEN 'banner' THEN banner_id END AS banner_id,
         CASE $17::text WHEN 'campaign' THEN campaign END AS campaign,
         at,
         clicks,
         bots,
         duplicates
  FROM kept
  LEFT JOIN banners ON id = banner_id
  WHERE ($14::text IS NULL OR campaign = $14::text)
    AND ($15::text IS NULL OR labels @> ARRAY[$15::text])
    AND ($16::text[] IS NULL OR coalesce(campaign, '') = ANY ($16::text[]))
)
