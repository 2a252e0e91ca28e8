import type { OnProgress } from '../backup/format.ts'

const INTERVAL_MS = 200

/** Shows on a terminal, in one line, how far a backup or a restore has come. Silent elsewhere. */
export function showProgress(): { on: OnProgress; end(): void } {
  const line = progressLine()
  return { on: (table, rows) => line.show(`${table}: ${rows} rows`), end: line.end }
}

/** A line of a terminal that is written again and again, but not too often. Silent elsewhere. */
export function progressLine(output: NodeJS.WriteStream = process.stderr): {
  show(text: string): void
  end(): void
} {
  let shownAtMs = Number.NEGATIVE_INFINITY
  const write = (line: string) => output.write(`\r\x1b[K${line}`)
  return {
    show: text => {
      const nowMs = performance.now()
      if (!output.isTTY || nowMs - shownAtMs < INTERVAL_MS) return
      shownAtMs = nowMs
      write(text)
    },
    end: () => {
      if (output.isTTY) write('')
    },
  }
}
