-- Nobody waits for an instance any more, unless it is alive after all. Returns it when it is forgotten now.
-- $1 writer, $2 seconds of silence, $3 who says so
UPDATE click_instances
SET state = 'forgotten', forgotten_at = now(), forgotten_by = $3::text
WHERE writer = $1::uuid
  AND state IN ('serving', 'draining')
  AND seen_at < now() - make_interval(secs => $2::int)
RETURNING writer
