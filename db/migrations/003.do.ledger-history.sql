-- Where the writer stood before its last step, how many clicks its steps have brought in all, and when it had
-- nothing more to store. A row outlives its writer: a copy of its journal may come back.
ALTER TABLE click_ledger
  ADD COLUMN previous_generation bigint,
  ADD COLUMN clicks bigint NOT NULL DEFAULT 0,
  ADD COLUMN ended_at timestamptz;
