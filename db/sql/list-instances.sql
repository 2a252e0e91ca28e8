-- All instances, and the present time by the clock of Postgres.
SELECT writer, name, version, state, started_at, seen_at, pending, pending_since, final_through, now() AS now
FROM click_instances
ORDER BY name, started_at, writer
