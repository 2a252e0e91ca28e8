-- What is known of keys: the content that they came with, and whether this writer has added them with this generation.
-- A key that is not known has no row.
-- $1 keys, $2 writer, $3 generation
SELECT key, fingerprint, writer = $2::uuid AND generation = $3::bigint AS "isOwn"
FROM bulk_keys
WHERE key = ANY ($1::text[])
