-- $1 ids
SELECT id::int,
       name,
       target,
       campaign,
       labels,
       pass_query AS "passQuery",
       is_active AS "isActive",
       round(extract(epoch FROM active_from) * 1000)::float8 AS "activeFromMs",
       round(extract(epoch FROM active_until) * 1000)::float8 AS "activeUntilMs",
       version,
       round(extract(epoch FROM updated_at) * 1000)::float8 AS "updatedAtMs",
       updated_by AS "updatedBy"
FROM banners
WHERE id = ANY ($1::bigint[])
