import { writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { version } from '../lib/version.ts'
import { measureJournal } from './journal.ts'
import { measureRates } from './rates.ts'
import type { Section } from './section.ts'

/** Entry of `npm run bench`. */

const RESULTS = new URL('./RESULTS.md', import.meta.url)

const HELP = `Usage: npm run bench -- [rates | journal] [--quick]

  rates     does it keep up, how soon does it answer, is every answer true?
  journal   what does it cost to keep a click safe before it is answered?

Both are run when none is named. The service is started with an embedded Postgres of its own. The tables are
printed and, after a run of both, written to bench/RESULTS.md. Exits 1 when a click failed or was lost.
--quick takes seconds where the full run takes minutes, and writes nothing.
`

const questions: Record<string, (isQuick: boolean) => Promise<Section>> = {
  rates: measureRates,
  journal: measureJournal,
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  })
  const names = positionals.length === 0 ? Object.keys(questions) : positionals
  if (values.help || names.some(name => !Object.hasOwn(questions, name))) {
    process.stdout.write(HELP)
    return values.help ? 0 : 1
  }
  const sections: Section[] = []
  for (const name of names) sections.push(await questions[name]!(values.quick))
  const report = [heading(), ...sections.map(section => section.text)].join('\n')
  process.stdout.write(report)
  if (!values.quick && positionals.length === 0) await writeFile(RESULTS, report)
  return sections.every(section => section.isSound) ? 0 : 1
}

function heading(): string {
  return `# Results

clickcounter ${version}, embedded Postgres, Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model},
${new Date().toISOString().slice(0, 10)}. Service, Postgres and client share the cores.
`
}

process.exitCode = await main()
