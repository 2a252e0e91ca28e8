-- Which database this is.
SELECT id
FROM click_database
