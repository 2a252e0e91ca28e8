-- One page, ascending by id. A condition that is null is none.
-- $1 the last id of the page before, $2 rows at most, $3 a pattern of names, $4 campaign, $5 label, $6 whether it is
-- active now
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
WHERE id > $1::bigint
  AND ($3::text IS NULL OR name ~ $3::text)
  AND ($4::text IS NULL OR campaign = $4::text)
  AND ($5::text IS NULL OR labels @> ARRAY[$5::text])
  AND ($6::boolean IS NULL
    OR $6::boolean = (is_active
      AND coalesce(active_from <= now(), true)
      AND coalesce(active_until > now(), true)))
-- Not "id", which would be the number above and not the index.
ORDER BY banners.id
LIMIT $2::int
