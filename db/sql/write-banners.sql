-- Registers banners, or replaces them.
-- $1 a list of banners in JSON, each id once, $2 version, $3 when, $4 name of the key that does it
INSERT INTO banners (id, name, target, campaign, labels, pass_query, is_active, active_from, active_until,
                     version, updated_at, updated_by)
SELECT id, name, target, campaign, labels, "passQuery", "isActive", "activeFrom", "activeUntil",
       $2::uuid, $3::timestamptz, $4
FROM json_to_recordset($1::json) AS written (
  id bigint,
  name text,
  target text,
  campaign text,
  labels text[],
  "passQuery" text[],
  "isActive" boolean,
  "activeFrom" timestamptz,
  "activeUntil" timestamptz
)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name,
    target = excluded.target,
    campaign = excluded.campaign,
    labels = excluded.labels,
    pass_query = excluded.pass_query,
    is_active = excluded.is_active,
    active_from = excluded.active_from,
    active_until = excluded.active_until,
    version = excluded.version,
    updated_at = excluded.updated_at,
    updated_by = excluded.updated_by
