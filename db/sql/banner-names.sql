-- $1 ids
SELECT id::int, name
FROM banners
WHERE id = ANY ($1::bigint[])
