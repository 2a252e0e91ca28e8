-- $1 id, $2 name, $3 hash, $4 scopes, $5 name of the key that makes it, $6 when it expires, in milliseconds since the
-- epoch, or null
INSERT INTO access_keys (id, name, hash, scopes, created_at, created_by, expires_at)
VALUES ($1::uuid, $2, $3, $4::text[], clock_timestamp(), $5, to_timestamp($6::float8 / 1000))
