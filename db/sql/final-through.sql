-- How far the clicks of each instance are here that nobody has ended, in whole seconds since the epoch, and whether it
-- is more than 15 s behind. A lost one is among them: what it holds is missing.
SELECT name,
       floor(extract(epoch FROM final_through))::float8 AS through,
       final_through < now() - interval '15 seconds' AS "isLagging"
FROM click_instances
WHERE state IN ('serving', 'draining')
ORDER BY name
