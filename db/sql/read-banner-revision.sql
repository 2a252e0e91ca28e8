-- Which database this is, the newest revision of its banners, and whether it has the given revision.
-- $1 revision, $2 its token; both may be null
SELECT click_database.id AS database,
       newest.revision::float8 AS revision,
       newest.token,
       EXISTS (SELECT FROM banner_revisions WHERE revision = $1::bigint AND token = $2::uuid) AS "hasGiven"
FROM click_database,
     (SELECT revision, token FROM banner_revisions ORDER BY revision DESC LIMIT 1) AS newest
