-- Moves the writer's ledger forward. Returns no row when this generation, or a later one, was applied before.
-- A concurrent try of the same key waits here until the other try ends. Returns also where the ledger stood
-- before; null: there was no row.
-- $1 writer, $2 generation, $3 now, $4 clicks of the batch, of all classes, $5 of these, bots, $6 duplicates
INSERT INTO click_ledger (writer, generation, clicks, bots, duplicates, updated_at)
VALUES ($1::uuid, $2::bigint, $4::bigint, $5::bigint, $6::bigint, $3::timestamptz)
ON CONFLICT (writer) DO UPDATE
SET previous_generation = click_ledger.generation,
    generation = excluded.generation,
    clicks = click_ledger.clicks + excluded.clicks,
    bots = click_ledger.bots + excluded.bots,
    duplicates = click_ledger.duplicates + excluded.duplicates,
    updated_at = excluded.updated_at,
    ended_at = NULL
WHERE click_ledger.generation < excluded.generation
RETURNING previous_generation, clicks, bots, duplicates
