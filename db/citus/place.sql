-- Whether this server is the coordinator of Citus, and where that is, as far as this server knows.
SELECT groupid = 0 AS "isCoordinator", nodename AS host, nodeport AS port
FROM pg_dist_local_group
LEFT JOIN (SELECT nodename, nodeport FROM pg_dist_node WHERE groupid = 0 LIMIT 1) AS coordinator ON true
