-- Which database this is, and how far its history is summed up and kept, in minutes since the epoch. Without a row in
-- click_history, its columns are null.
SELECT click_database.id AS database,
       round(extract(epoch FROM quarters_until) / 60)::float8 AS "quartersUntil",
       round(extract(epoch FROM days_until) / 60)::float8 AS "daysUntil",
       round(extract(epoch FROM minutes_from) / 60)::float8 AS "minutesFrom",
       round(extract(epoch FROM quarters_from) / 60)::float8 AS "quartersFrom"
FROM click_database
LEFT JOIN click_history ON true
