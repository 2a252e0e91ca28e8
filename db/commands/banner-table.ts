import type { Banner } from '../../lib/banners/banner.ts'
import { formatTime } from '../../lib/questions/time.ts'
import type { Difference } from '../banners/write-banners.ts'
import { textTable } from './text-table.ts'

const TITLES = ['ID', 'STATE', 'CAMPAIGN', 'LABELS', 'NAME', 'TARGET']

/** A line for each banner, under a line of titles. Empty when there is none. */
export function describeBanners(banners: readonly Banner[], nowMs: number): string {
  return textTable(
    TITLES,
    banners.map(banner => [
      String(banner.id),
      stateOf(banner, nowMs),
      banner.campaign ?? '',
      banner.labels.join(),
      banner.name,
      banner.target ?? '',
    ]),
  )
}

function stateOf({ isActive, activeFromMs, activeUntilMs }: Banner, nowMs: number): string {
  if (!isActive) return 'inactive'
  if (activeUntilMs !== null && activeUntilMs <= nowMs) return `over since ${at(activeUntilMs)}`
  const until = activeUntilMs === null ? '' : ` until ${at(activeUntilMs)}`
  if (activeFromMs !== null && activeFromMs > nowMs) return `from ${at(activeFromMs)}${until}`
  return `active${until}`
}

function at(ms: number): string {
  return formatTime(new Date(ms))
}

/** A line for each, with the fields that differ, in JSON. */
export function describeDifferences(differences: readonly Difference[]): string {
  return differences
    .map(({ id, before, after }) =>
      before === null
        ? `new ${id}: ${JSON.stringify(after)}\n`
        : `changed ${id}: ${JSON.stringify(before)} becomes ${JSON.stringify(after)}\n`,
    )
    .join('')
}
