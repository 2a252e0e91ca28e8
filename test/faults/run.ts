import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * Entry of `npm run test:faults`.
 * Question: is a click lost or counted twice when faults go on longer than in a test run?
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js')
const LONG_FORM = { CLICKCOUNTER_TEST_FAULTS: 'long', CLICKCOUNTER_TEST_KILL_CYCLES: '100' }
const TEST_TIMEOUT_MS = 600_000

const HELP = `Usage: npm run test:faults -- [name …] [--minutes N] [--seed N]

Runs all of test/faults, or the files whose names have one of these in them, such as fleet. They have more and longer
faults than in npm test, and are run again and again for N minutes (default 30). The round that runs then is the last.
A test that chooses by chance prints its seed. The same seed has it choose the same again. Most faults print
one line: cycles, acknowledged, counted, sent, lost, doubled.
Exits 1 at the first round that fails. Ctrl-C ends the round in order.
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const minutes = Number(values.minutes)
  if (values.help || !(minutes > 0) || !/^\d*$/.test(values.seed ?? '')) {
    process[values.help ? 'stdout' : 'stderr'].write(HELP)
    return values.help ? 0 : 1
  }
  const endsAtMs = performance.now() + minutes * 60_000
  for (let round = 1; performance.now() < endsAtMs; round++) {
    console.log(`round ${round}`)
    if (!(await passes(positionals, values.seed))) return 1
  }
  return 0
}

/** Runs one round in its own process, which ends all that it has started before it ends. */
async function passes(names: readonly string[], seed: string | undefined): Promise<boolean> {
  const mocha = spawn(
    process.execPath,
    [
      MOCHA,
      '--no-config',
      ...['--require', 'test/support/hooks.ts', '--require', 'test/faults/end-on-signal.ts'],
      ...['--timeout', String(TEST_TIMEOUT_MS)],
      ...(names.length === 0 ? [''] : names).map(name => `test/faults/**/*${name}*.test.ts`),
    ],
    { cwd: ROOT, env: { ...process.env, ...LONG_FORM, ...seedOf(seed) }, stdio: 'inherit' },
  )
  // A terminal sends Ctrl-C to mocha as well. Mocha ends in order, and then this process.
  const end = () => void mocha.kill('SIGINT')
  const echo = () => {}
  process.on('SIGTERM', end).on('SIGINT', echo)
  const [code] = await once(mocha, 'close')
  process.off('SIGTERM', end).off('SIGINT', echo)
  return code === 0
}

function seedOf(seed: string | undefined): NodeJS.ProcessEnv {
  return seed === undefined ? {} : { CLICKCOUNTER_TEST_SEED: seed }
}

process.exitCode = await main()
