-- Which database this is, and the token of the last change of its keys and sessions.
SELECT click_database.id AS database, access_state.token
FROM click_database, access_state
