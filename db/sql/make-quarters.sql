-- Makes these quarters of their minutes, and of what was imported by hour. Each one is looked up by its key: lists with an
-- empty WITH stay apart.
-- $1 banner ids, $2 starts of quarters, in minutes since the epoch: arrays of one length; $3 from (inclusive) and
-- $4 until (exclusive): all these quarters are in between; $5 quarters are made until then
INSERT INTO click_quarters (banner_id, quarter, clicks, bots, duplicates)
SELECT banner_id, to_timestamp(start * 60), sum(clicks)::bigint, sum(bots)::bigint, sum(duplicates)::bigint
FROM (
  SELECT start, part.*
  FROM unnest($1::bigint[], $2::bigint[]) AS missing (id, start)
  CROSS JOIN LATERAL (
    WITH apart AS (SELECT)
    SELECT banner_id, clicks, bots, duplicates
    FROM click_minutes
    WHERE banner_id = id
      AND minute >= to_timestamp(start * 60)
      AND minute < to_timestamp((start + 15) * 60)
      AND minute >= to_timestamp($3::bigint * 60)
      AND minute < to_timestamp($4::bigint * 60)
      AND start < $5::bigint
  ) AS part
  UNION ALL
  SELECT start, part.*
  FROM unnest($1::bigint[], $2::bigint[]) AS missing (id, start)
  CROSS JOIN LATERAL (
    WITH apart AS (SELECT)
    SELECT banner_id, clicks, 0, 0
    FROM click_imported
    WHERE banner_id = id AND grain = 'hour' AND starts_at = to_timestamp(start * 60)
  ) AS part
) AS fine
GROUP BY banner_id, start
