-- All keys, the newest last, but for those that were revoked long ago.
-- $1 days since the revocation
SELECT id, name, scopes, created_by AS "createdBy", replaced_by AS "replacedBy", last_used_on::text AS "lastUsedOn",
       round(date_part('epoch', created_at) * 1000) AS "createdAtMs",
       round(date_part('epoch', expires_at) * 1000) AS "expiresAtMs",
       round(date_part('epoch', revoked_at) * 1000) AS "revokedAtMs"
FROM access_keys
WHERE revoked_at IS NULL OR revoked_at > now() - make_interval(days => $1::int)
ORDER BY created_at, id
