-- Makes the row of an instance that has none in a database that has gone back: it holds back until what was lost is
-- stored again.
-- $1 writer, $2 name, $3 version, $4 started at, and final through then, $5 state, $6 pending
INSERT INTO click_instances
  (writer, name, version, started_at, seen_at, state, pending, pending_since, final_through)
VALUES
  ($1::uuid, $2::text, $3::text, $4::timestamptz, now(), $5::text, $6::bigint, $4::timestamptz, $4::timestamptz)
ON CONFLICT (writer) DO NOTHING
