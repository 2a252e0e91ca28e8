-- Deletes sessions that would have been over a day ago. Not sooner: an instance whose clock is slow would let such a
-- session in again.
DELETE FROM ended_sessions
WHERE ends_at < now() - interval '1 day'
