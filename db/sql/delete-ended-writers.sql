-- Writers that ended so long ago that their journals are not stored any more without being asked.
-- $1 ended before
DELETE FROM click_ledger
WHERE ended_at < $1::timestamptz
