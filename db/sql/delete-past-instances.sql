-- Deletes instances that are over for so long.
-- $1 days
DELETE FROM click_instances
WHERE (state = 'stopped' AND seen_at < now() - make_interval(days => $1::int))
   OR (state = 'forgotten' AND forgotten_at < now() - make_interval(days => $1::int))
