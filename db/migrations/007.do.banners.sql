-- The banners that somebody registered, as they are now.
CREATE TABLE banners (
  id bigint NOT NULL PRIMARY KEY,
  name text NOT NULL,
  -- Where /click/{id} leads; null: to the fallback.
  target text,
  campaign text,
  labels text[] NOT NULL,
  -- Names of parameters of the click that go along to the target.
  pass_query text[] NOT NULL,
  is_active boolean NOT NULL,
  active_from timestamptz,
  active_until timestamptz,
  -- The token of the revision that changed it last.
  version uuid NOT NULL,
  updated_at timestamptz NOT NULL,
  -- The name of the key that changed it, or 'shell'.
  updated_by text NOT NULL
);
CREATE INDEX banners_by_campaign ON banners (campaign, id);
CREATE INDEX banners_by_label ON banners USING gin (labels);

-- One row a changing transaction. Numbers tell the order. Tokens tell whether a reader's revision is one of this
-- database: after a failover that lost the newest ones, the same number may be another revision.
CREATE TABLE banner_revisions (
  revision bigint NOT NULL PRIMARY KEY,
  token uuid NOT NULL,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL
);
INSERT INTO banner_revisions VALUES (0, gen_random_uuid(), now(), 'migration');

-- What each revision changed. `before` and `after` hold the changed fields; null: there was, or is, no banner.
CREATE TABLE banner_changes (
  banner_id bigint NOT NULL,
  revision bigint NOT NULL,
  before jsonb,
  after jsonb,
  PRIMARY KEY (banner_id, revision)
);
-- In the order in which instances read what has changed.
CREATE INDEX banner_changes_by_revision ON banner_changes (revision, banner_id);
