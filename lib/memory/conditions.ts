import { DATABASE_REASONS } from '../../db/connection/failure.ts'

/**
 * What can be wrong while clicks are accepted, the most serious first. Each condition has a text, which is
 * empty while it is not raised, and the time when it was raised. See lib/books/conditions.ts.
 * docs/operations.md says what to do about each.
 */
export const CONDITIONS = [
  'clicks_lost',
  'writer_cloned',
  'other_database',
  ...DATABASE_REASONS,
  'embedded_postgres_down',
  'database_not_durable',
  'flush_stalled',
  'keys_unconfirmed',
  'banners_unconfirmed',
  'unknown_banners_refused',
  'notes_full',
  'limits_full',
  'journal_for_other_database',
  'journal_outdated',
  'bulks_aside',
  'journal_newer',
  'journal_unreadable',
  'journal_odd_files',
  'rollups_behind',
  'fleet_lost',
  'fleet_versions',
  'bot_lists_wrong',
  'log_failing',
] as const
export type Condition = (typeof CONDITIONS)[number]
