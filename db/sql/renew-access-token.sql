-- The last statement of each change: all instances read the keys again when they see another token.
UPDATE access_state
SET token = gen_random_uuid()
