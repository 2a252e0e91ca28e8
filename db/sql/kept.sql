-- The clicks that a question is about: from here up to counted.sql, and between them a SELECT for each table that it needs.
-- Where that is one, Postgres knows how many banners there are, and copies no rows: a question about millions of rows
-- takes a tenth less.
-- Pieces are read one by one: a list with an empty WITH stays apart, or Postgres would read a table once for all of them,
-- from the first to the last. OFFSET 0 does the same, and Citus refuses it there. Conditions that are null are none. Postgres plans with the values, so only partitions within the bounds are
-- looked at.
-- $1 banner ids; $2 days: from, $3 to, $4 the first, $5 the end of the last; $6 to $9 quarters; $10 to $13 minutes
WITH parameters AS (
  -- Never read. A parameter that no part has would be of no type.
  SELECT $1::bigint[],
         $2::bigint[], $3::bigint[], $4::timestamptz, $5::timestamptz,
         $6::bigint[], $7::bigint[], $8::timestamptz, $9::timestamptz,
         $10::bigint[], $11::bigint[], $12::timestamptz, $13::timestamptz
), kept AS (
