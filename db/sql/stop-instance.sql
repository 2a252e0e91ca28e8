-- All clicks of a writer are stored: nothing of it holds anybody back.
-- $1 writer
UPDATE click_instances
SET state = 'stopped', pending = 0, pending_since = NULL
WHERE writer = $1::uuid
