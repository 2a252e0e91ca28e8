-- A key that was replaced by a rotation is over when it has expired. Runs at a change of keys, never by time alone: the
-- service may be open afterwards.
UPDATE access_keys
SET revoked_at = expires_at
WHERE revoked_at IS NULL AND replaced_by IS NOT NULL AND expires_at <= clock_timestamp()
