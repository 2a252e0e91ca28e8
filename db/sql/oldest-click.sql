-- The start of the oldest minute or sum, in minutes since the epoch; null: there is none. Reads all minutes.
SELECT (extract(epoch FROM least(
  (SELECT min(minute) FROM click_minutes),
  (SELECT min(quarter) FROM click_quarters),
  (SELECT min(day) FROM click_days)
)) / 60)::float8 AS minute
