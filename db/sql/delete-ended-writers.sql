-- Writers that ended so long ago that their journals are not stored any more without being asked.
-- $1 days since their end
DELETE FROM click_ledger
WHERE ended_at < now() - make_interval(days => $1::int)
