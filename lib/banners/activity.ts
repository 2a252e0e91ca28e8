import type { ClickedBanner } from './banner-lookup.ts'

export type Period = Pick<ClickedBanner, 'isActive' | 'activeFromMs' | 'activeUntilMs'>

/** Whether a banner is active at that moment; milliseconds since the epoch. */
export function isActiveAt({ isActive, activeFromMs, activeUntilMs }: Period, nowMs: number): boolean {
  return (
    isActive &&
    (activeFromMs === null || activeFromMs <= nowMs) &&
    (activeUntilMs === null || nowMs < activeUntilMs)
  )
}

/** The first moment after `nowMs` at which `isActiveAt` may say something else. Infinity: there is none. */
export function nextChangeMs({ activeFromMs, activeUntilMs }: Period, nowMs: number): number {
  if (activeFromMs !== null && activeFromMs > nowMs) return activeFromMs
  return activeUntilMs !== null && activeUntilMs > nowMs ? activeUntilMs : Number.POSITIVE_INFINITY
}
