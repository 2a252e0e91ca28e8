-- Banners go with their history, and so do redirects. Clicks stay.
DROP TABLE banner_changes;
DROP TABLE banner_revisions;
DROP TABLE banners;
