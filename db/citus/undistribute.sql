-- Brings the tables back to the coordinator, with their rows. Run again, it changes nothing.
SELECT undistribute_table(logicalrelid)
FROM pg_dist_partition
WHERE logicalrelid = ANY (ARRAY(SELECT to_regclass(name) FROM unnest($1::text[]) AS name))
