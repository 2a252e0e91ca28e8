-- A heartbeat: makes the instance's row, or brings it up to date. Returns no row when the instance has stopped, and
-- this is a heartbeat that came late. $9: it is none, somebody has ended the writer by mistake.
-- $1 writer, $2 name, $3 version, $4 started at, $5 state, $6 pending, $7 pending since, $8 final through, $9 revives
INSERT INTO click_instances
  (writer, name, version, started_at, seen_at, state, pending, pending_since, final_through)
VALUES
  ($1::uuid, $2::text, $3::text, $4::timestamptz, now(), $5::text, $6::bigint, $7::timestamptz, $8::timestamptz)
ON CONFLICT (writer) DO UPDATE
SET name = excluded.name,
    version = excluded.version,
    started_at = excluded.started_at,
    seen_at = excluded.seen_at,
    state = excluded.state,
    pending = excluded.pending,
    pending_since = excluded.pending_since,
    final_through = excluded.final_through,
    forgotten_at = NULL,
    forgotten_by = NULL
WHERE click_instances.state <> 'stopped' OR $9::boolean
RETURNING writer
