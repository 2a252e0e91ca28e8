ALTER TABLE click_ledger
  DROP COLUMN previous_generation,
  DROP COLUMN clicks,
  DROP COLUMN ended_at;
