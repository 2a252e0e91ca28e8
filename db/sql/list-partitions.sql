-- The partitions of a table, with their bounds in minutes since the epoch; null: without a bound. Bounds are read from
-- their text. Whatever the role has set, that is the same in a transaction with PLAIN_VALUES, and only there.
-- $1 name of the table
SELECT relname AS name,
       nspname AS schema,
       round(extract(epoch FROM substring(bound from 'FROM \(''(.*?)''\)')::timestamptz) / 60)::float8 AS "from",
       round(extract(epoch FROM substring(bound from 'TO \(''(.*?)''\)')::timestamptz) / 60)::float8 AS "until"
FROM pg_catalog.pg_inherits
JOIN pg_catalog.pg_class ON pg_class.oid = inhrelid
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
CROSS JOIN LATERAL pg_catalog.pg_get_expr(relpartbound, pg_class.oid) AS bound
WHERE inhparent = to_regclass($1)
ORDER BY "from" NULLS FIRST
