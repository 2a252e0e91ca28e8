-- What was filtered goes with its columns. The valid clicks stay.
ALTER TABLE click_minutes
  DROP COLUMN bots,
  DROP COLUMN duplicates;
