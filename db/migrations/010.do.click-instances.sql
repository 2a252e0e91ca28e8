-- One row for each life of each instance. Not in the ledger: a heartbeat must not wait for a flush.
CREATE TABLE click_instances (
  writer uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  version text NOT NULL,
  -- By the instance's clock, as pending_since and final_through.
  started_at timestamptz NOT NULL,
  -- By the clock of Postgres, at the last heartbeat.
  seen_at timestamptz NOT NULL,
  -- Nobody writes that one is lost: it serves or drains, and was silent for 15 s.
  state text NOT NULL CHECK (state IN ('serving', 'draining', 'stopped', 'forgotten')),
  -- Of all classes, with those that were put aside.
  pending bigint NOT NULL,
  -- null: nothing waits.
  pending_since timestamptz,
  -- What the instance acknowledged before this is in Postgres.
  final_through timestamptz NOT NULL,
  forgotten_at timestamptz,
  forgotten_by text
);
