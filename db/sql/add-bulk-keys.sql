-- Adds keys of bulks, and returns those that were not there. Waits for a transaction that has just added one of them.
-- The arrays are of one length, ascending by key, each key once. So every writer adds them in that order, and writers
-- cannot deadlock.
-- $1 keys, $2 fingerprints, $3 writer, $4 generation
INSERT INTO bulk_keys (key, fingerprint, writer, generation, stored_at)
SELECT key, fingerprint, $3::uuid, $4::bigint, now()
FROM unnest($1::text[], $2::uuid[]) AS bulk (key, fingerprint)
ON CONFLICT (key) DO NOTHING
RETURNING key
