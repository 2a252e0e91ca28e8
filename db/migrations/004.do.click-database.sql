-- One row: which database this is, so that no journal is stored in another one. A dump and a replica have it, too.
CREATE TABLE click_database AS SELECT gen_random_uuid() AS id;
