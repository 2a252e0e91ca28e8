-- $1 revision, $2 a list in JSON of what it changes, each banner once
INSERT INTO banner_changes (banner_id, revision, before, after)
SELECT id, $1::bigint, before, after
FROM json_to_recordset($2::json) AS changed (id bigint, before jsonb, after jsonb)
