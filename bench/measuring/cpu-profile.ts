/** What V8 writes into a .cpuprofile, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  /** In microseconds of the system's monotonic clock, like all of its times. */
  readonly startTime: number
  /** For each sample, the node on top of the stack. */
  readonly samples: readonly number[]
  /** For each sample, the microseconds since the one before. */
  readonly timeDeltas: readonly number[]
}

export interface FunctionTime {
  readonly name: string
  /** File and line; empty for what is not JavaScript. */
  readonly place: string
  readonly selfUs: number
}

/** Where V8 puts the time in which the thread waits for something to do. */
const IDLE = '(idle)'

interface Span {
  readonly startUs: number
  readonly endUs: number
}

/** By the clock of the profiles. All processes share it. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

/**
 * How long each function was on top of the stack within a span, the longest first. Idle time is left out.
 * Files are named without `root` in front.
 */
export function selfTimes(
  { nodes, startTime, samples, timeDeltas }: CpuProfile,
  root: string,
  { startUs, endUs }: Span,
): FunctionTime[] {
  const usByNode = new Map<number, number>()
  let atUs = startTime
  for (const [index, id] of samples.entries()) {
    atUs += timeDeltas[index]!
    // A sample stands for the time until the next one.
    const us = Math.max(0, timeDeltas[index + 1] ?? 0)
    if (atUs >= startUs && atUs < endUs) usByNode.set(id, (usByNode.get(id) ?? 0) + us)
  }
  const byPlace = new Map<string, FunctionTime>()
  for (const { id, callFrame } of nodes) {
    const name = callFrame.functionName || '(anonymous)'
    const place = callFrame.url === '' ? '' : `${callFrame.url.replace(root, '')}:${callFrame.lineNumber + 1}`
    const before = byPlace.get(`${name} ${place}`)?.selfUs ?? 0
    byPlace.set(`${name} ${place}`, { name, place, selfUs: before + (usByNode.get(id) ?? 0) })
  }
  return [...byPlace.values()].filter(({ name }) => name !== IDLE).sort((a, b) => b.selfUs - a.selfUs)
}

/** Whether a thread that ran this file wrote the profile. */
export function hasRun({ nodes }: CpuProfile, file: string): boolean {
  return nodes.some(({ callFrame }) => callFrame.url.endsWith(file))
}
