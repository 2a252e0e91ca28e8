-- Clicks of each banner and minute. The key's order serves both the upsert and a range of one banner.
CREATE TABLE click_minutes (
  banner_id bigint NOT NULL,
  minute timestamptz NOT NULL,
  clicks bigint NOT NULL,
  PRIMARY KEY (banner_id, minute)
)
-- A row is updated with each flush of its minute; with room left in the page, that touches no index.
WITH (fillfactor = 50);
