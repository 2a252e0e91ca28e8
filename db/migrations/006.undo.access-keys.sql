-- The keys go, so that everybody who reaches the service may count and read. All sessions end.
DROP TABLE access_state;
DROP TABLE ended_sessions;
DROP TABLE access_keys;
