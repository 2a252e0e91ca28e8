-- One table of minutes again. What is in quarters and days alone goes: what was imported coarser than minutes, and
-- clicks whose minutes were dropped.
ALTER TABLE click_minutes RENAME TO click_minutes_by_month;
ALTER INDEX click_minutes_pkey RENAME TO click_minutes_by_month_pkey;
CREATE TABLE click_minutes (
  banner_id bigint NOT NULL,
  minute timestamptz NOT NULL,
  clicks bigint NOT NULL,
  bots bigint NOT NULL DEFAULT 0,
  duplicates bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (banner_id, minute)
)
WITH (fillfactor = 50);
DO $$
DECLARE
  statement text;
BEGIN
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
