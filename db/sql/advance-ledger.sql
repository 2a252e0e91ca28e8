-- Moves the writer's ledger forward. No row comes back when it is there already: this generation, or a later
-- one, was applied before. A concurrent try of the same key waits here for the other one's outcome.
-- $1 writer, $2 generation, $3 now
INSERT INTO click_ledger (writer, generation, updated_at)
VALUES ($1::uuid, $2::bigint, $3::timestamptz)
ON CONFLICT (writer) DO UPDATE
SET generation = excluded.generation,
    updated_at = excluded.updated_at
WHERE click_ledger.generation < excluded.generation
RETURNING 1
