import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { findBinaries } from '../../db/embedded/binaries.ts'
import { version } from '../../lib/base/version.ts'
import { isInstalled } from '../machine/programs.ts'
import type { Circumstances } from './results.ts'

export async function circumstances(): Promise<Circumstances> {
  const { postgres } = await findBinaries()
  return {
    clickcounter: version,
    postgres: versionIn(postgres, /\d+(\.\d+)+/),
    node: process.versions.node,
    machine: `${availableParallelism()} × ${cpus()[0]?.model}`,
    measuredAt: new Date().toISOString(),
    // wrk prints its version and its usage, and fails.
    wrk: isInstalled('wrk') ? versionIn('wrk', /\d+\.\d+\.\d+/) : null,
  }
}

function versionIn(program: string, pattern: RegExp): string {
  return pattern.exec(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout)?.[0] ?? '?'
}
