-- $1 hash of a key's text
SELECT id
FROM access_keys
WHERE hash = $1
