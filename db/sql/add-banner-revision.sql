-- The last statement of each change: instances read what has changed when they see another newest revision.
-- $1 revision, $2 token, $3 when, $4 name of the key that makes it
INSERT INTO banner_revisions (revision, token, made_at, made_by)
VALUES ($1::bigint, $2::uuid, $3::timestamptz, $4)
