-- Makes the index by time cover what was written since autovacuum has last done so.
-- $1 schema, $2 name of the partition
SELECT brin_summarize_new_values(indexrelid)
FROM pg_catalog.pg_index
JOIN pg_catalog.pg_class AS by_time ON by_time.oid = indexrelid
JOIN pg_catalog.pg_am ON pg_am.oid = by_time.relam AND amname = 'brin'
JOIN pg_catalog.pg_class AS partition ON partition.oid = indrelid AND partition.relname = $2
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = partition.relnamespace AND nspname = $1
