-- Notes that a file is imported. Adds nothing when that was done before. While another transaction imports the same
-- file, it waits for the end of that.
-- $1 id, $2 SHA-256 of its bytes, $3 name, $4 rows, $5 clicks
INSERT INTO click_imports (id, sha256, name, imported_at, rows, clicks)
VALUES ($1, $2, $3, now(), $4, $5)
ON CONFLICT (sha256) DO NOTHING
