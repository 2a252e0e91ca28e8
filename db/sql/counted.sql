-- Ends what kept.sql begins: the clicks of the banners chosen, each with its group.
-- $14 campaign, $15 label, $16 campaigns, '' for none, $17 what a group is: banner, campaign or none
), counted AS (
  SELECT CASE $17::text WHEN 'banner' THEN banner_id END AS banner_id,
         CASE $17::text WHEN 'campaign' THEN campaign END AS campaign,
         at,
         clicks,
         bots,
         duplicates
  FROM kept
  LEFT JOIN banners ON id = banner_id
  WHERE ($14::text IS NULL OR campaign = $14::text)
    AND ($15::text IS NULL OR labels @> ARRAY[$15::text])
    AND ($16::text[] IS NULL OR coalesce(campaign, '') = ANY ($16::text[]))
)
