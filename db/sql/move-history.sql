-- Moves what is given. Times are in minutes since the epoch; null: it stays.
-- $1 quarters until, $2 days until, $3 minutes from, $4 quarters from
UPDATE click_history
SET quarters_until = coalesce(to_timestamp($1::bigint * 60), quarters_until),
    days_until = coalesce(to_timestamp($2::bigint * 60), days_until),
    minutes_from = coalesce(to_timestamp($3::bigint * 60), minutes_from),
    quarters_from = coalesce(to_timestamp($4::bigint * 60), quarters_from)
