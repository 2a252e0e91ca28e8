-- Lets one change of banners in at a time, until the end of the transaction. A reader does not wait for it. The number
-- is 'clickban'.
SELECT pg_advisory_xact_lock(7164216982963904878)
