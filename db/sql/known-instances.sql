-- Which of these writers have a row.
-- $1 writers
SELECT writer
FROM click_instances
WHERE writer = ANY ($1::uuid[])
