DROP TABLE click_ledger;
