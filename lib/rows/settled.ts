import { type ByClass, byClass, NO_CLICKS } from './classes.ts'

/** What became of clicks that had waited, by class. Each is in one of these. */
export interface Settled {
  readonly stored: ByClass<number>
  /** Of keyed bulks that another delivery had counted. */
  readonly repeated: ByClass<number>
  /** Of keyed bulks whose key had come with other content: refused after all. */
  readonly conflicts: ByClass<number>
  /** Of keyed bulks that have waited too long: put aside, so they wait on. */
  readonly expired: ByClass<number>
  /** Not in their files any more. */
  readonly lost: ByClass<number>
}

export const NOTHING_SETTLED: Settled = {
  stored: NO_CLICKS,
  repeated: NO_CLICKS,
  conflicts: NO_CLICKS,
  expired: NO_CLICKS,
  lost: NO_CLICKS,
}

export function plusSettled(a: Settled, b: Settled): Settled {
  const sum = (name: keyof Settled) => byClass(of => a[name][of] + b[name][of])
  return {
    stored: sum('stored'),
    repeated: sum('repeated'),
    conflicts: sum('conflicts'),
    expired: sum('expired'),
    lost: sum('lost'),
  }
}
