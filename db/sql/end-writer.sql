-- Marks a writer whose batches are all stored. Its row stays for a while, so that a copy of its journal is
-- recognised. Uses the database's clock, as the deletion does: all instances share that one.
-- $1 writer
UPDATE click_ledger
SET ended_at = coalesce(ended_at, now())
WHERE writer = $1::uuid
