-- Keys of bulks that were added before a time, the oldest first.
-- $1 days since they were added, $2 how many at most
SELECT key
FROM bulk_keys
WHERE stored_at < now() - make_interval(days => $1::int)
ORDER BY stored_at
LIMIT $2::int
