import { createRequire } from 'node:module'
import { isatty } from 'node:tty'
import pino, { type Logger } from 'pino'
import type { Conditions } from '../books/conditions.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { LogLevel } from '../config/config.ts'
import { LogOutput } from './log-output.ts'

const STDOUT = 1
const STDERR = 2
const CHECK_INTERVAL_MS = 1000

/** Main's log: a JSON line for each event that matters. The other threads send main what is to be logged. */
export function createLog(level: LogLevel, output = standardOutput()): Logger {
  return pino({ level, base: { pid: process.pid } }, output)
}

export function standardOutput(): LogOutput {
  return outputTo(STDOUT)
}

/** For commands, whose results go to the standard output. */
export function standardError(): LogOutput {
  return outputTo(STDERR)
}

/** On a terminal, lines are formatted for people. */
function outputTo(fd: number): LogOutput {
  return new LogOutput(fd, isatty(fd) ? readable() : undefined)
}

function readable(): (line: string) => string {
  // Loaded for a terminal alone: it would hold up each start by 15 ms.
  const { prettyFactory }: typeof import('pino-pretty') = createRequire(import.meta.url)('pino-pretty')
  const format = prettyFactory({ singleLine: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
  return line => format(line) ?? line
}

/**
 * A log that fails cannot say so. /health and /metrics say it, and the log itself
 * once it can be written again.
 */
export function watchLog(output: LogOutput, conditions: Conditions, books: ServiceBooks): { stop(): void } {
  const timer = setInterval(() => {
    output.retry()
    books.set('logLinesDropped', output.droppedEver)
    if (output.failure === null) conditions.clear('log_failing')
    else
      conditions.raise(
        'log_failing',
        `the log cannot be written (${output.failure.message}); its lines are counted and dropped until its disk has room, or its reader goes on`,
      )
  }, CHECK_INTERVAL_MS)
  return { stop: () => clearInterval(timer) }
}
