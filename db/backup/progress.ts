import type { OnProgress } from './format.ts'

const INTERVAL_MS = 200

/** Shows on a terminal, in one line, how far a backup or a restore has come. Silent elsewhere. */
export function showProgress(output: NodeJS.WriteStream = process.stderr): { on: OnProgress; end(): void } {
  let shownAtMs = Number.NEGATIVE_INFINITY
  const show = (line: string) => output.write(`\r\x1b[K${line}`)
  return {
    on: (table, rows) => {
      const nowMs = performance.now()
      if (!output.isTTY || nowMs - shownAtMs < INTERVAL_MS) return
      shownAtMs = nowMs
      show(`${table}: ${rows} rows`)
    },
    end: () => {
      if (output.isTTY) show('')
    },
  }
}
