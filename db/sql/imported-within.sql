-- One import that is coarser than a question, if there is one: of a day or an hour in which a step of it begins or ends.
-- A piece is one such day or hour, or several in a row.
-- $1 banner ids, $2 campaign, $3 label; null: of all; $4 pieces: grain, $5 from, $6 to, in minutes since the epoch
SELECT part.*
FROM unnest($4::text[], $5::bigint[], $6::bigint[]) AS piece (grain, starts, ends)
CROSS JOIN LATERAL (
  WITH apart AS (SELECT)
  SELECT banner_id::int AS "bannerId",
         grain,
         (extract(epoch FROM starts_at) / 60)::float8 AS "startsAt"
  FROM click_imported
  WHERE starts_at >= to_timestamp(piece.starts * 60) AND starts_at < to_timestamp(piece.ends * 60)
    AND grain = piece.grain
    AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
    AND (coalesce($2, $3)::text IS NULL OR EXISTS (
      SELECT 1
      FROM banners
      WHERE id = banner_id
        AND ($2::text IS NULL OR campaign = $2::text)
        AND ($3::text IS NULL OR labels @> ARRAY[$3::text])
    ))
) AS part
-- Looked at once, and most databases have none.
WHERE EXISTS (SELECT 1 FROM click_imported LIMIT 1)
LIMIT 1
