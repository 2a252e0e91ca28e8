-- Where the ledger stands for some writers. A writer that it does not know has no row.
-- $1 writers
SELECT writer, generation, clicks, bots, duplicates
FROM click_ledger
WHERE writer = ANY ($1::uuid[])
