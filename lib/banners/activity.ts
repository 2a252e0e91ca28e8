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

/** Whether `isActiveAt` says the same at each moment. */
export function isTimeless({ isActive, activeFromMs, activeUntilMs }: Period): boolean {
  return !isActive || (activeFromMs === null && activeUntilMs === null)
}
