-- What minute it is for Postgres, since the epoch. All instances go by this clock.
SELECT floor(extract(epoch FROM clock_timestamp()) / 60)::float8 AS minute
