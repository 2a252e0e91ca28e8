-- The number of the newest revision, and the time, in milliseconds since the epoch.
SELECT revision::float8 AS number, round(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"
FROM banner_revisions
ORDER BY revision DESC
LIMIT 1
