-- An earlier import of the file.
-- $1 SHA-256 of its bytes
SELECT name, clicks::float8, round(extract(epoch FROM imported_at) * 1000)::float8 AS "atMs"
FROM click_imports
WHERE sha256 = $1
