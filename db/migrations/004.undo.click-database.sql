DROP TABLE click_database;
