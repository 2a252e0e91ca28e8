-- Moves forward what is given. Times are in minutes since the epoch; null, or an earlier one: it stays. A month that was
-- dropped may be made again, and go again after later ones.
-- $1 quarters until, $2 days until, $3 minutes from, $4 quarters from
UPDATE click_history
SET quarters_until = greatest(quarters_until, to_timestamp($1::bigint * 60)),
    days_until = greatest(days_until, to_timestamp($2::bigint * 60)),
    minutes_from = greatest(minutes_from, to_timestamp($3::bigint * 60)),
    quarters_from = greatest(quarters_from, to_timestamp($4::bigint * 60))
