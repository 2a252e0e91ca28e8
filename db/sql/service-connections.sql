-- How many connections to this database belong to a service, by their names. Commands have other names.
SELECT count(*)::int
FROM pg_stat_activity
WHERE datname = current_database() AND application_name ~ '^clickcounter (flush|request|rollups|watch)'
