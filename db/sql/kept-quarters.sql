-- One piece of quarters.
SELECT banner_id, quarter AS at, clicks, bots, duplicates
FROM click_quarters
WHERE quarter >= $8::timestamptz AND quarter < $9::timestamptz
  AND ($1::bigint[] IS NULL OR banner_id = ANY ($1::bigint[]))
