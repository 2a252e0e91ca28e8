-- Which of these writers have a row that holds back others. One that has stopped does not: an older copy of its journal
-- was stored to its end, and clicks that this one lacks still wait.
-- $1 writers
SELECT writer
FROM click_instances
WHERE writer = ANY ($1::uuid[]) AND state <> 'stopped'
