-- Lets one change of keys and sessions in at a time. A reader does not wait for it.
SELECT FROM access_state FOR UPDATE
