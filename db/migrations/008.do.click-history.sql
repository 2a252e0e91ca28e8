-- Minutes by month, and what is summed up from them. The table that is there becomes one part of the new one, without
-- a copy of its rows.
ALTER TABLE click_minutes RENAME TO click_minutes_released;

-- No defaults: the INSERT of release 1.0.0, which knows nothing of what is summed up, has to fail. Its clicks wait in
-- its journal.
ALTER TABLE click_minutes_released
  ALTER COLUMN bots DROP DEFAULT,
  ALTER COLUMN duplicates DROP DEFAULT;

CREATE TABLE click_minutes (
  banner_id bigint NOT NULL,
  minute timestamptz NOT NULL,
  clicks bigint NOT NULL,
  bots bigint NOT NULL,
  duplicates bigint NOT NULL,
  -- With a name, because the usual one is that of the table that is there.
  CONSTRAINT click_minutes_by_month_pkey PRIMARY KEY (banner_id, minute)
) PARTITION BY RANGE (minute);
-- All banners of a range are read by it. It has one entry a megabyte, so it costs a flush next to nothing.
CREATE INDEX click_minutes_by_minute ON click_minutes USING brin (minute) WITH (autosummarize = on);

CREATE TABLE click_quarters (
  banner_id bigint NOT NULL,
  quarter timestamptz NOT NULL,
  clicks bigint NOT NULL,
  bots bigint NOT NULL,
  duplicates bigint NOT NULL,
  -- With the counts, because the rows of one quarter lie together: a year of one banner would be 35 000 pages of the
  -- table, and is 300 of the index. Rows of quarters are seldom updated.
  PRIMARY KEY (banner_id, quarter) INCLUDE (clicks, bots, duplicates)
) PARTITION BY RANGE (quarter);
CREATE INDEX click_quarters_by_quarter ON click_quarters USING brin (quarter) WITH (autosummarize = on);

CREATE TABLE click_days (
  banner_id bigint NOT NULL,
  -- Midnight, UTC.
  day timestamptz NOT NULL,
  clicks bigint NOT NULL,
  bots bigint NOT NULL,
  duplicates bigint NOT NULL,
  PRIMARY KEY (banner_id, day)
)
-- The rows of the running day are updated in each quarter.
WITH (fillfactor = 50);
CREATE INDEX click_days_by_day ON click_days USING brin (day) WITH (autosummarize = on);

-- One row: how far the minutes are summed up, and what was dropped.
CREATE TABLE click_history (
  singleton boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (singleton),
  -- click_quarters and click_days hold every click of a minute before these: whole quarters, days_until not after
  -- quarters_until. The row of the day of days_until holds a part of its day.
  quarters_until timestamptz NOT NULL,
  days_until timestamptz NOT NULL,
  -- What is before these is dropped: first moments of months, UTC; null: nothing was.
  minutes_from timestamptz,
  quarters_from timestamptz
);

-- Files that were imported, and what they held that was coarser than minutes. That is in click_quarters and click_days
-- as well, and in no minute.
CREATE TABLE click_imports (
  id uuid NOT NULL PRIMARY KEY,
  sha256 text NOT NULL UNIQUE,
  name text NOT NULL,
  imported_at timestamptz NOT NULL,
  rows bigint NOT NULL,
  clicks bigint NOT NULL
);
CREATE TABLE click_imported (
  banner_id bigint NOT NULL,
  starts_at timestamptz NOT NULL,
  grain text NOT NULL CHECK (grain IN ('hour', 'day')),
  import_id uuid NOT NULL,
  clicks bigint NOT NULL,
  PRIMARY KEY (banner_id, starts_at, grain, import_id)
);
-- Questions about all banners look for what was imported at the bounds of their steps.
CREATE INDEX click_imported_by_start ON click_imported (starts_at);

-- Takes the rows in. Those of later months than this one, from an odd clock, are few, and move to months of their own:
-- a part up to the newest of them would take the clicks of all months to come. Bounds are made from numbers, so that
-- they are the same in every time zone.
DO $$
DECLARE
  statement text;
  oldest timestamptz;
  newest timestamptz;
  -- The beginning of the month after this one, without a time zone, as are the months below.
  released_until timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month';
  month timestamp;
  partition text;
BEGIN
  -- Whoever may read or write the minutes still may.
  FOR statement IN
    SELECT format('GRANT %s ON click_minutes TO %s', privilege_type,
      CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
    FROM pg_catalog.pg_class, aclexplode(relacl)
    WHERE pg_class.oid = 'click_minutes_released'::regclass
  LOOP
    EXECUTE statement;
  END LOOP;

  SELECT min(minute), max(minute) INTO oldest, newest FROM click_minutes_released;
  IF oldest IS NULL THEN
    DROP TABLE click_minutes_released;
    INSERT INTO click_history (quarters_until, days_until)
    SELECT quarter, quarter FROM to_timestamp(floor(extract(epoch FROM now()) / 900) * 900) AS quarter;
    RETURN;
  END IF;
  -- Nothing is summed up yet.
  INSERT INTO click_history (quarters_until, days_until)
  SELECT midnight, midnight
  FROM CAST(date_trunc('day', oldest AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS timestamptz) AS midnight;

  IF newest >= released_until AT TIME ZONE 'UTC' THEN
    FOR month IN
      SELECT DISTINCT date_trunc('month', minute AT TIME ZONE 'UTC')
      FROM click_minutes_released
      WHERE minute >= released_until AT TIME ZONE 'UTC'
    LOOP
      partition := 'click_minutes_' || to_char(month, 'YYYY_MM');
      EXECUTE format('CREATE TABLE %I (LIKE click_minutes INCLUDING ALL) WITH (fillfactor = 50)', partition);
      EXECUTE format(
        'ALTER TABLE click_minutes ATTACH PARTITION %I FOR VALUES FROM (to_timestamp(%s)) TO (to_timestamp(%s))',
        partition, extract(epoch FROM month), extract(epoch FROM month + interval '1 month'));
    END LOOP;
    WITH moved AS (
      DELETE FROM click_minutes_released WHERE minute >= released_until AT TIME ZONE 'UTC' RETURNING *
    )
    INSERT INTO click_minutes SELECT * FROM moved;
  END IF;
  -- Last, because it looks whether all rows are before the bound.
  EXECUTE format(
    'ALTER TABLE click_minutes ATTACH PARTITION click_minutes_released FOR VALUES FROM (MINVALUE) TO (to_timestamp(%s))',
    extract(epoch FROM released_until));
END $$;
