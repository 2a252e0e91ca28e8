-- Up to which generation each writer's batches have been applied; moved in the transaction of the batch.
CREATE TABLE click_ledger (
  writer uuid NOT NULL PRIMARY KEY,
  generation bigint NOT NULL,
  updated_at timestamptz NOT NULL
);
