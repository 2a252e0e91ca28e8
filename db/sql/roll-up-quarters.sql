-- Sums up the minutes of whole quarters. No row of these quarters is there: every writer keeps off what is not summed
-- up yet. If there were one, an addition would hide what is wrong, and this statement fails.
-- $1 from (inclusive), $2 until (exclusive), in minutes since the epoch
INSERT INTO click_quarters (banner_id, quarter, clicks, bots, duplicates)
SELECT banner_id,
       date_bin('15 minutes', minute, 'epoch'),
       sum(clicks)::bigint,
       sum(bots)::bigint,
       sum(duplicates)::bigint
FROM click_minutes
WHERE minute >= to_timestamp($1::bigint * 60) AND minute < to_timestamp($2::bigint * 60)
GROUP BY 1, 2
