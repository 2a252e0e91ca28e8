-- Distributes the tables that are not distributed yet, and changes no other: run again, it changes nothing. Rows that
-- are there are copied to the workers, and then removed here. To be run on the coordinator, in one transaction, behind
-- the locks of migrations and of flushes.
--
-- What goes by banner is colocated: one banner's rows of all these tables are on one worker. Keys of bulks have shards
-- of their own. All other tables stay on the coordinator: they are small, each flush or each start needs them, and what
-- says who serves must not depend on a worker.
DO $$
DECLARE
  wanted record;
  -- A table that goes by banner and is distributed.
  banners_of regclass;
  present record;
BEGIN
  FOR wanted IN
    SELECT to_regclass(name) AS relation, name, "column", by_banner
    FROM (VALUES
      ('click_minutes', 'banner_id', true),
      ('click_quarters', 'banner_id', true),
      ('click_days', 'banner_id', true),
      ('click_imported', 'banner_id', true),
      ('banners', 'id', true),
      ('banner_changes', 'banner_id', true),
      ('bulk_keys', 'key', false)
    ) AS tables (name, "column", by_banner)
    -- Those that are distributed come first: the others are colocated with them.
    ORDER BY to_regclass(name) NOT IN (SELECT logicalrelid FROM pg_dist_partition)
  LOOP
    SELECT partmethod, column_to_column_name(logicalrelid, partkey) AS "column", colocationid
    INTO present
    FROM pg_dist_partition
    WHERE logicalrelid = wanted.relation;

    IF present IS NULL THEN
      PERFORM create_distributed_table(wanted.relation, wanted.column,
        colocate_with => CASE WHEN wanted.by_banner THEN coalesce(banners_of::text, 'none') ELSE 'none' END,
        shard_count => CASE WHEN wanted.by_banner AND banners_of IS NOT NULL THEN NULL ELSE 8 END);
      -- Its rows are on the workers by now. What is left here would be seen by nobody.
      PERFORM truncate_local_data_after_distributing_table(wanted.relation);
    ELSIF present.partmethod <> 'h' OR present.column <> wanted.column THEN
      RAISE 'The table % is distributed in another way. It goes by its column %: SELECT undistribute_table(%), then run this again',
        wanted.name, wanted.column, quote_literal(wanted.name)
        USING ERRCODE = 'object_not_in_prerequisite_state';
    ELSIF wanted.by_banner AND banners_of IS NOT NULL AND present.colocationid <>
      (SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = banners_of) THEN
      RAISE 'The tables % and % are not colocated: SELECT undistribute_table(%), then run this again',
        banners_of, wanted.name, quote_literal(wanted.name)
        USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF wanted.by_banner THEN
      banners_of := wanted.relation;
    END IF;
  END LOOP;
END $$
