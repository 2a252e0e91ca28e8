ALTER TABLE click_ledger
  DROP COLUMN repeated,
  DROP COLUMN conflicts;
DROP TABLE bulk_keys;
