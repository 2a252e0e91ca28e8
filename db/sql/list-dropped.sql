-- Tables that were partitions, and are to be dropped: their process ended between the two. With their size in bytes.
SELECT dropped.relname AS name, nspname AS schema, pg_total_relation_size(dropped.oid)::float8 AS bytes
FROM pg_catalog.pg_class AS dropped
JOIN pg_catalog.pg_class AS parent ON parent.oid = to_regclass('click_minutes')
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = dropped.relnamespace
WHERE dropped.relnamespace = parent.relnamespace
  AND dropped.relkind = 'r'
  AND NOT dropped.relispartition
  AND dropped.relname ~ '^click_(minutes|quarters)_(released|\d+_\d\d)(_\d+)*_dropped$'
ORDER BY dropped.relname
