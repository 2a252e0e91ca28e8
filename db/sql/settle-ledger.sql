-- Takes clicks that were not stored out of those that the writer's ledger was moved by.
-- $1 writer, $2 clicks of all classes that were not stored, $3 of these, bots, $4 duplicates, $5 repeated, $6 conflicts
UPDATE click_ledger
SET clicks = clicks - $2::bigint,
    bots = bots - $3::bigint,
    duplicates = duplicates - $4::bigint,
    repeated = repeated + $5::bigint,
    conflicts = conflicts + $6::bigint
WHERE writer = $1::uuid
