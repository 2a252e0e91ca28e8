-- Why a crash could lose what was committed: settings of the server, and tables that are not written to the
-- log of transactions (u: unlogged; t: temporary, left by an earlier user of a pooler's connection). Neon
-- writes that log elsewhere and says fsync = off, so its settings do not count.
-- $1 names of tables, which may have partitions
SELECT 'off' AS kind, setting AS name
FROM unnest(ARRAY['fsync', 'full_page_writes']) AS setting
WHERE current_setting(setting) = 'off' AND current_setting('neon.timeline_id', true) IS NULL
UNION ALL
SELECT CASE relpersistence WHEN 'u' THEN 'unlogged' ELSE 'temporary' END, relname
FROM unnest($1::text[]) AS name
JOIN pg_catalog.pg_class ON pg_class.oid = to_regclass(name)
  OR pg_class.oid IN (SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass(name))
WHERE relpersistence <> 'p'
ORDER BY kind, name
