/** Why main reads keys or banners again. change: Postgres has just committed one. unknown: nothing is known yet. */
export type RefreshCause = 'change' | 'unknown'
