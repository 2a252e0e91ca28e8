-- Clicks of each banner and minute. The key's order serves both the upsert and a range of one banner.
CREATE TABLE click_minutes (
  banner_id bigint NOT NULL,
  minute timestamptz NOT NULL,
  clicks bigint NOT NULL,
  PRIMARY KEY (banner_id, minute)
);
