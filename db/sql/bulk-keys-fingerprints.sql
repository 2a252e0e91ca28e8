-- $1 text[]: keys of bulks. Those that are stored, with their fingerprints as 32 hexadecimal digits.
SELECT key, replace(fingerprint::text, '-', '') AS fingerprint
FROM bulk_keys
WHERE key = ANY($1)
