-- The keys of bulks that were counted. Each comes with the clicks of its bulk, in one transaction: while it is there, a
-- bulk with it counts no second time.
CREATE TABLE bulk_keys (
  -- In the order of bytes, as the flushes sort them: then two of them cannot wait for each other.
  key text COLLATE "C" NOT NULL PRIMARY KEY,
  -- Says what was in the bulk.
  fingerprint uuid NOT NULL,
  -- Whose bulk was counted: the flush finds its own again when the answer to its COMMIT was lost.
  writer uuid NOT NULL,
  generation bigint NOT NULL,
  stored_at timestamptz NOT NULL
);
-- Keys are removed from the oldest on.
CREATE INDEX bulk_keys_stored_at ON bulk_keys (stored_at);

-- `clicks`, `bots` and `duplicates` are what was stored. These come on top of it, of all classes: clicks of keyed bulks
-- that another delivery had counted, and of those whose key was known with other content.
ALTER TABLE click_ledger
  ADD COLUMN repeated bigint NOT NULL DEFAULT 0,
  ADD COLUMN conflicts bigint NOT NULL DEFAULT 0;
