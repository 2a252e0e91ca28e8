-- One page of all banners, as the answers to clicks need them, ascending by id. An empty list of names is null, which
-- is read faster.
-- $1 the last id of the page before, $2 rows at most
SELECT id::int,
       target,
       nullif(pass_query, '{}') AS "passQuery",
       is_active AS "isActive",
       round(extract(epoch FROM active_from) * 1000)::float8 AS "activeFromMs",
       round(extract(epoch FROM active_until) * 1000)::float8 AS "activeUntilMs"
FROM banners
WHERE id > $1::bigint
-- Not "id", which would be the number above and not the index.
ORDER BY banners.id
LIMIT $2::int
