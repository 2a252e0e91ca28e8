-- Marks a key as replaced, and lets it expire soon, unless it expires before that anyway.
-- $1 id, $2 id of the key in its place, $3 milliseconds until it expires
UPDATE access_keys
SET replaced_by = $2::uuid,
    expires_at = least(expires_at, clock_timestamp() + make_interval(secs => $3::float8 / 1000))
WHERE id = $1::uuid
