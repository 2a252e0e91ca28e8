-- One page of the banners that were changed, as they are now, in the order of the changes.
-- $1 revision and $2 id of the last change of the page before, $3 rows at most
SELECT changed.revision::float8,
       changed.banner_id::int AS id,
       banners.id IS NOT NULL AS "isRegistered",
       target,
       nullif(pass_query, '{}') AS "passQuery",
       is_active AS "isActive",
       round(extract(epoch FROM active_from) * 1000)::float8 AS "activeFromMs",
       round(extract(epoch FROM active_until) * 1000)::float8 AS "activeUntilMs"
FROM (
  SELECT revision, banner_id
  FROM banner_changes
  WHERE (revision, banner_id) > ($1::bigint, $2::bigint)
  ORDER BY revision, banner_id
  LIMIT $3::int
) AS changed
LEFT JOIN banners ON banners.id = changed.banner_id
ORDER BY changed.revision, changed.banner_id
