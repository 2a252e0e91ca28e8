-- Forgets which sessions were logged out, once there are too many.
-- $1 how many there may be
DELETE FROM ended_sessions
WHERE (SELECT count(*) FROM ended_sessions) > $1::int
