import { readdirSync, readFileSync } from 'node:fs'

/** Processor time as Linux keeps it, user and system together. */

/** Linux counts it in ticks of 10 ms. */
const TICKS_PER_SECOND = 100

interface Times {
  readonly name: string
  readonly parentPid: number
  readonly seconds: number
  /** Of descendants that have ended and were waited for. */
  readonly endedChildrenSeconds: number
}

/** One line of /proc/…/stat. */
export function parseStat(line: string): Times {
  // The name may hold spaces and brackets. Behind it: state, parent, …; utime, stime,
  // cutime, cstime from the 12th.
  const nameEnd = line.lastIndexOf(')')
  const fields = line.slice(nameEnd + 2).split(' ')
  const seconds = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) / TICKS_PER_SECOND
  return {
    name: line.slice(line.indexOf('(') + 1, nameEnd),
    parentPid: Number(fields[1]),
    seconds: seconds(11),
    endedChildrenSeconds: seconds(13),
  }
}

/** Of one process, all threads. */
export function processCpuSeconds(pid: number): number {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).seconds
}

/** Of a process and all its descendants, those that have ended included. */
export function treeCpuSeconds(pid: number): number {
  return treeOf(pid).reduce(
    (sum, { seconds, endedChildrenSeconds }) => sum + seconds + endedChildrenSeconds,
    0,
  )
}

/** The process and all its descendants. */
export function treePids(pid: number): number[] {
  return treeOf(pid).map(process => process.pid)
}

/** Of the threads of a process, by name. Threads of one name are added up. */
export function threadCpuSeconds(pid: number): Map<string, number> {
  const byName = new Map<string, number>()
  for (const { name, seconds } of statsIn(`/proc/${pid}/task`))
    byName.set(name, (byName.get(name) ?? 0) + seconds)
  return byName
}

function treeOf(root: number) {
  const processes = statsIn('/proc')
  const tree = processes.filter(({ pid }) => pid === root)
  // The loop goes on to what it pushes.
  for (const { pid } of tree) tree.push(...processes.filter(({ parentPid }) => parentPid === pid))
  return tree
}

function statsIn(directory: string): (Times & { readonly pid: number })[] {
  return readdirSync(directory)
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        return [{ pid: Number(name), ...parseStat(readFileSync(`${directory}/${name}/stat`, 'utf8')) }]
      } catch {
        // It has ended since the directory was read.
        return []
      }
    })
}
