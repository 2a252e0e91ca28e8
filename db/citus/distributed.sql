-- Which of these tables are distributed. A month goes with its table.
-- $1 names
SELECT name
FROM unnest($1::text[]) AS name
JOIN pg_dist_partition ON logicalrelid = to_regclass(name)
