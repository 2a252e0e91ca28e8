-- Who may use the service. A key's text is kept nowhere, only its hash. Rows of revoked keys stay: an old backup must
-- not bring such a key back.
CREATE TABLE access_keys (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  hash text NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL,
  -- The name of the key that made it, or 'shell'.
  created_by text NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  -- The key that was made for it by a rotation.
  replaced_by uuid,
  last_used_on date
);

-- Sessions of the page that were logged out before their end.
CREATE TABLE ended_sessions (
  id text NOT NULL PRIMARY KEY,
  ends_at timestamptz NOT NULL
);

-- One row. Each change of the tables above writes another token; sessions are signed with the secret, 32 bytes in
-- base64url.
CREATE TABLE access_state AS
SELECT gen_random_uuid() AS token,
       rtrim(translate(encode(sha256(convert_to(
         gen_random_uuid()::text || gen_random_uuid() || gen_random_uuid(), 'UTF8')), 'base64'), '+/', '-_'), '=')
         AS session_secret;
-- Without a key, a publication of all tables would refuse the updates.
ALTER TABLE access_state ADD PRIMARY KEY (token);
