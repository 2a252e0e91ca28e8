-- $1 ids of keys, $2 for each of them a day on which it was used
UPDATE access_keys
SET last_used_on = greatest(last_used_on, used.day)
FROM unnest($1::text[], $2::date[]) AS used (id, day)
WHERE access_keys.id::text = used.id
