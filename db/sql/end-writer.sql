-- A writer whose batches are all stored. Its row stays for a while: a copy of its journal must find it. By the
-- database's clock, as its deletion: it is one for all instances.
-- $1 writer
UPDATE click_ledger
SET ended_at = coalesce(ended_at, now())
WHERE writer = $1::uuid
