-- Where the ledger stands for some writers; no row for one that it does not know.
-- $1 writers
SELECT writer, generation, clicks
FROM click_ledger
WHERE writer = ANY ($1::uuid[])
