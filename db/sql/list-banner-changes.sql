-- What became of a banner, the newest first.
-- $1 id, $2 before which revision, or null, $3 rows at most
SELECT revision::float8,
       round(extract(epoch FROM made_at) * 1000)::float8 AS "atMs",
       made_by AS "by",
       before,
       after
FROM banner_changes
JOIN banner_revisions USING (revision)
WHERE banner_id = $1::bigint AND ($2::bigint IS NULL OR revision < $2::bigint)
ORDER BY banner_changes.revision DESC
LIMIT $3::int
