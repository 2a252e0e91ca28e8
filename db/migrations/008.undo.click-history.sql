-- One table of minutes again: the part that was there before there were months, or a new one, with the rows of all
-- others. What is in quarters and days alone goes: what was imported coarser than minutes, and clicks whose minutes were
-- dropped.

-- First, whatever is dropped last: an import that has some of it, and waits for this, stops it before all is copied.
LOCK TABLE click_imports, click_imported, click_history, click_minutes, click_quarters, click_days;

ALTER TABLE click_minutes RENAME TO click_minutes_by_month;
DO $$
DECLARE
  statement text;
BEGIN
  IF EXISTS (
    SELECT FROM pg_catalog.pg_inherits
    WHERE inhparent = 'click_minutes_by_month'::regclass AND inhrelid = to_regclass('click_minutes_released')
  ) THEN
    -- Its index by minute stays: it harms nobody, and the next way up takes it in.
    ALTER TABLE click_minutes_by_month DETACH PARTITION click_minutes_released;
    ALTER TABLE click_minutes_released RENAME TO click_minutes;
  ELSE
    CREATE TABLE click_minutes (
      banner_id bigint NOT NULL,
      minute timestamptz NOT NULL,
      clicks bigint NOT NULL,
      bots bigint NOT NULL,
      duplicates bigint NOT NULL,
      PRIMARY KEY (banner_id, minute)
    )
    WITH (fillfactor = 50);
  END IF;
  ALTER TABLE click_minutes ALTER COLUMN bots SET DEFAULT 0, ALTER COLUMN duplicates SET DEFAULT 0;
  FOR statement IN
    SELECT format('GRANT %s ON click_minutes TO %s', privilege_type,
      CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
    FROM pg_catalog.pg_class, aclexplode(relacl)
    WHERE pg_class.oid = 'click_minutes_by_month'::regclass
  LOOP
    EXECUTE statement;
  END LOOP;
END $$;
INSERT INTO click_minutes SELECT banner_id, minute, clicks, bots, duplicates FROM click_minutes_by_month;
DROP TABLE click_minutes_by_month;
DROP TABLE click_quarters;
DROP TABLE click_days;
DROP TABLE click_history;
DROP TABLE click_imported;
DROP TABLE click_imports;
