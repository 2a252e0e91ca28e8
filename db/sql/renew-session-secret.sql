-- Ends all sessions.
-- $1 the new secret
UPDATE access_state
SET session_secret = $1
