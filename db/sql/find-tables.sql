-- The tables of these names in the schemas of the session's search path, in the order of that path.
-- Generated columns are left out. Reads the catalog: information_schema shows neither the order nor tables
-- that the role may not read.
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
