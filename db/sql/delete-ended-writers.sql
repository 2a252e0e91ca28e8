-- Deletes writers that ended long ago. A journal of such a writer is stored only
-- when an operator asks for it.
-- $1 days since their end
DELETE FROM click_ledger
WHERE ended_at < now() - make_interval(days => $1::int)
