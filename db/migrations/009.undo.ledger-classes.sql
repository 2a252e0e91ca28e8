ALTER TABLE click_ledger
  DROP COLUMN bots,
  DROP COLUMN duplicates;
