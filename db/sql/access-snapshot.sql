-- What a request thread needs to let somebody in: one row, as of one moment. Times are milliseconds since the epoch,
-- so that no time zone and no parsing comes in between.
SELECT click_database.id AS database,
       access_state.token,
       access_state.session_secret AS "sessionSecret",
       (SELECT coalesce(json_agg(json_build_object(
          'id', id,
          'name', name,
          'scopes', scopes,
          'expiresAtMs', round(date_part('epoch', expires_at) * 1000),
          'hash', hash
        ) ORDER BY created_at, id), '[]')
        FROM access_keys WHERE revoked_at IS NULL) AS keys,
       (SELECT coalesce(json_agg(json_build_object(
          'id', id,
          'endsAtMs', round(date_part('epoch', ends_at) * 1000)
        ) ORDER BY ends_at, id), '[]')
        FROM ended_sessions) AS "endedSessions"
FROM click_database, access_state
