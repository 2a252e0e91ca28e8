-- Clicks that were counted and are not valid, by class; `clicks` are the valid ones. The defaults let release 1.0.0 go
-- on writing here: its INSERT does not name these columns.
ALTER TABLE click_minutes
  ADD COLUMN bots bigint NOT NULL DEFAULT 0,
  ADD COLUMN duplicates bigint NOT NULL DEFAULT 0;
