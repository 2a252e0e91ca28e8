DROP TABLE click_minutes;
