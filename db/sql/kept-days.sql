-- One piece of days. A day counts at its noon. The running day may have none yet, and counts at the last minute that its
-- row has.
SELECT banner_id, least(day + interval '12 hours', $5::timestamptz - interval '1 minute') AS at, clicks, bots, duplicates
FROM click_days
WHERE day >= $4::timestamptz AND day < $5::timestamptz
  AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
