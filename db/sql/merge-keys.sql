-- Adds keys that were there before a restore to those of the backup. A key that has two ends gets the earlier one: what
-- was revoked on either side stays revoked.
-- $1 a list of rows in JSON
INSERT INTO access_keys
SELECT * FROM json_populate_recordset(NULL::access_keys, $1::json)
ON CONFLICT (id) DO UPDATE
SET expires_at = least(access_keys.expires_at, excluded.expires_at),
    revoked_at = least(access_keys.revoked_at, excluded.revoked_at),
    replaced_by = coalesce(access_keys.replaced_by, excluded.replaced_by),
    last_used_on = greatest(access_keys.last_used_on, excluded.last_used_on)
