DROP TABLE click_instances;
