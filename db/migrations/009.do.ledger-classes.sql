-- How many of a writer's clicks were bots and duplicates. They are among its `clicks`, which are of all classes. The
-- default is for rows that are there: what was stored before had valid clicks alone.
ALTER TABLE click_ledger
  ADD COLUMN bots bigint NOT NULL DEFAULT 0,
  ADD COLUMN duplicates bigint NOT NULL DEFAULT 0;
