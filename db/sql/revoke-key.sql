-- $1 id
UPDATE access_keys
SET revoked_at = clock_timestamp()
WHERE id = $1::uuid AND revoked_at IS NULL
