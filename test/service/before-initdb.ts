import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Preloaded into a service under test: before initdb, a shell runs CLICKCOUNTER_TEST_BEFORE_INITDB. When that fails,
 * initdb has failed.
 */
const before = `${process.env.CLICKCOUNTER_TEST_BEFORE_INITDB} && exec "$@"`
const { spawn } = childProcess

childProcess.spawn = ((file: string, args: readonly string[], options: childProcess.SpawnOptions) =>
  [file, ...args].some(word => word.endsWith('/initdb'))
    ? spawn('/bin/sh', ['-c', before, 'sh', file, ...args], options)
    : spawn(file, args, options)) as typeof childProcess.spawn
syncBuiltinESMExports()
