-- Registered banners of a campaign, or with a label; in no order.
-- $1 campaign, $2 label, $3 rows at most
SELECT id::int
FROM banners
WHERE ($1::text IS NULL OR campaign = $1::text)
  AND ($2::text IS NULL OR labels @> ARRAY[$2::text])
LIMIT $3::int
