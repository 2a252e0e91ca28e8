-- All instances, the present time by the clock of Postgres, and as in final-through.sql how far each one is.
SELECT writer, name, version, state, started_at, seen_at, pending, pending_since, now() AS now,
       floor(extract(epoch FROM final_through))::float8 AS through,
       final_through < now() - interval '15 seconds' AS "isLagging"
FROM click_instances
ORDER BY name, started_at, writer
