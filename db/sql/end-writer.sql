-- A writer whose batches are all stored. Its row stays for a while: a copy of its journal must find it.
-- $1 writer, $2 now
UPDATE click_ledger
SET ended_at = coalesce(ended_at, $2::timestamptz)
WHERE writer = $1::uuid
