-- $1 ids
DELETE FROM banners
WHERE id = ANY ($1::bigint[])
