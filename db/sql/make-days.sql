-- Makes these days of their quarters, and of what was imported by day, as make-quarters.sql does.
-- $1 banner ids, $2 starts of days, in minutes since the epoch: arrays of one length; $3 from (inclusive) and $4
-- until (exclusive): all these days are in between; $5 days are made until then
INSERT INTO click_days (banner_id, day, clicks, bots, duplicates)
SELECT banner_id, to_timestamp(start * 60), sum(clicks)::bigint, sum(bots)::bigint, sum(duplicates)::bigint
FROM (
  SELECT start, part.*
  FROM unnest($1::bigint[], $2::bigint[]) AS missing (id, start)
  CROSS JOIN LATERAL (
    WITH apart AS (SELECT)
    SELECT banner_id, clicks, bots, duplicates
    FROM click_quarters
    WHERE banner_id = id
      AND quarter >= to_timestamp(start * 60)
      AND quarter < to_timestamp(least(start + 1440, $5::bigint) * 60)
      AND quarter >= to_timestamp($3::bigint * 60)
      AND quarter < to_timestamp($4::bigint * 60)
  ) AS part
  UNION ALL
  SELECT start, part.*
  FROM unnest($1::bigint[], $2::bigint[]) AS missing (id, start)
  CROSS JOIN LATERAL (
    WITH apart AS (SELECT)
    SELECT banner_id, clicks, 0, 0
    FROM click_imported
    WHERE banner_id = id AND grain = 'day' AND starts_at = to_timestamp(start * 60)
  ) AS part
) AS fine
GROUP BY banner_id, start
