/** What V8 writes into a .cpuprofile, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  /** Which node was on top of the stack, sample by sample, … */
  readonly samples: readonly number[]
  /** … and the microseconds that passed before each. */
  readonly timeDeltas: readonly number[]
}

export interface FunctionTime {
  readonly name: string
  /** File and line; empty for what is not JavaScript. */
  readonly place: string
  readonly selfUs: number
}

/** Not work: the thread waits for something to do. */
const IDLE = '(idle)'

/** Time on top of the stack of each function, the longest first, without the time nothing was to be done. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, root: string): FunctionTime[] {
  const usByNode = new Map<number, number>()
  // A sample stands for the time until the next one.
  for (const [index, id] of samples.entries())
    usByNode.set(id, (usByNode.get(id) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0))
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
