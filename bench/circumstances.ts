import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { version } from '../lib/version.ts'
import type { Circumstances } from './results.ts'
import { isInstalled } from './tools.ts'

export function circumstances(): Circumstances {
  return {
    clickcounter: version,
    node: process.versions.node,
    machine: `${availableParallelism()} × ${cpus()[0]?.model}`,
    measuredAt: new Date().toISOString(),
    wrk: isInstalled('wrk') ? wrkVersion() : null,
  }
}

/** It prints its version, then its usage, and fails. */
function wrkVersion(): string {
  return /\d+\.\d+\.\d+/.exec(spawnSync('wrk', ['--version'], { encoding: 'utf8' }).stdout)?.[0] ?? '?'
}
