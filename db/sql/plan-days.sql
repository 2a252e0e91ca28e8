-- Lets Postgres read all of click_days in one go, when it has statistics that tell it when this is the least work. Without
-- them it would do so for a part of them as well.
SELECT set_config('enable_seqscan', 'on', true)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
JOIN pg_stats ON schemaname = nspname AND tablename = relname AND attname = 'day'
WHERE pg_class.oid = 'click_days'::regclass
