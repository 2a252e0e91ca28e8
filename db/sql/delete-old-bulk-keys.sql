-- Deletes these keys, unless one was deleted and added anew meanwhile.
-- $1 days since they were added, $2 keys
DELETE FROM bulk_keys
WHERE key = ANY ($2::text[]) AND stored_at < now() - make_interval(days => $1::int)
