-- The id of this database.
SELECT id
FROM click_database
