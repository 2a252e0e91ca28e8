import { isatty } from 'node:tty'
import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './config/config.ts'

const STDOUT = 1

/**
 * The log, main's alone: a JSON line for each event that matters, or readable lines when a terminal is
 * attached. Written synchronously: there are few lines, and the last ones before a crash count the most.
 */
export function createLog(level: LogLevel): Logger {
  const stream = isatty(STDOUT)
    ? pretty({
        destination: STDOUT,
        sync: true,
        singleLine: true,
        ignore: 'pid,hostname',
        translateTime: 'HH:MM:ss',
      })
    : pino.destination({ dest: STDOUT, sync: true })
  return pino({ level, base: { pid: process.pid } }, stream)
}
