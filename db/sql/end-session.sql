-- $1 id, $2 when it would have been over, in milliseconds since the epoch
INSERT INTO ended_sessions (id, ends_at)
VALUES ($1, to_timestamp($2::float8 / 1000))
ON CONFLICT (id) DO NOTHING
