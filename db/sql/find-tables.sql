-- What the schemas hold under these names through which the session's statements look, in the order in which they
-- do; columns that have values of their own. From the catalog, since information_schema shows neither that order nor what the role may not read.
-- $1 names
SELECT relname AS name,
       nspname AS schema,
       array(
         SELECT attname::text FROM pg_catalog.pg_attribute
         WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
         ORDER BY attnum
       ) AS columns
FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (schema, place)
JOIN pg_catalog.pg_namespace ON nspname = path.schema
JOIN pg_catalog.pg_class ON relnamespace = pg_namespace.oid AND relname = ANY($1::text[])
ORDER BY place
