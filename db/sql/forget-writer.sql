-- A writer whose batches are all stored, and whose journal is gone, can never send one again.
-- $1 writer
DELETE FROM click_ledger
WHERE writer = $1::uuid
