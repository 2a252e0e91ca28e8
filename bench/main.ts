import { parseArgs } from 'node:util'
import { missing } from './machine/programs.ts'
import { circumstances } from './report/circumstances.ts'
import { progress } from './report/progress.ts'
import { sectionMarkdown, writeSection } from './report/results.ts'
import { sections } from './sections/all.ts'
import { paired } from './sections/paired.ts'
import type { Section } from './sections/section.ts'
import { valid } from './sections/valid.ts'

/** Entry of `npm run bench`. */

const DIRECTORY = new URL('./', import.meta.url)

/** They compare this code with another checkout. */
const COMPARING: readonly Section[] = [paired, valid]

const HELP = `Usage: npm run bench -- [section …] [--quick] [--minutes N]
       npm run bench -- paired DIR [--quick]
       npm run bench -- valid DIR [--quick]

${sections.map(({ name, question }) => `  ${name.padEnd(13)}${question}`).join('\n')}

If none is named, all are run but soak, crowd, paired and valid, which takes about 30 minutes. The service is started with an
embedded Postgres of its own. A section's table is printed and takes its place in bench/RESULTS.md, its numbers and
charts in bench/results. The exit code is 1 when a click failed, was lost or counted twice.

DIR          another checkout of the service, in which npm ci was run
--quick      seconds instead of minutes; nothing is written but profile's .cpuprofile
--minutes N  how long soak and crowd go on

Most sections need wrk, some need a C compiler, and peers, connections and tail need what they compare with. A section
that lacks a program is left out, and what to install is printed.
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const { chosen, against } = choose(positionals)
  const minutes = values.minutes === undefined ? null : Number(values.minutes)
  if (values.help || chosen.length === 0 || !(minutes === null || minutes > 0)) {
    process.stdout.write(HELP)
    return values.help ? 0 : 1
  }
  let areAllSound = true
  for (const section of chosen) {
    const reason = missing(section.needs)
    if (reason !== null) {
      progress(`${section.name} is left out: ${reason}`)
      continue
    }
    const result = await section.measure({ isQuick: values.quick, minutes, against })
    const on = await circumstances()
    process.stdout.write(`${sectionMarkdown(section.title, result, on)}\n`)
    if (!result.isSound) progress(`${section.name}: clicks failed, were lost or counted twice`)
    areAllSound &&= result.isSound
    if (!values.quick) {
      const titles = sections.map(({ title }) => title)
      await writeSection(DIRECTORY, section, result, { titles, circumstances: on })
    }
  }
  return areAllSound ? 0 : 1
}

/** The sections to run, in their order. None when a name is wrong. */
function choose(names: readonly string[]): { chosen: readonly Section[]; against: string | null } {
  const [first, directory, ...others] = names
  const comparing = COMPARING.find(({ name }) => name === first)
  if (comparing !== undefined && directory !== undefined && others.length === 0)
    return { chosen: [comparing], against: directory }
  const single = sections.filter(section => !COMPARING.includes(section))
  if (names.length === 0) return { chosen: single.filter(({ isByDefault }) => isByDefault), against: null }
  const isKnown = names.every(name => single.some(section => section.name === name))
  return { chosen: isKnown ? single.filter(({ name }) => names.includes(name)) : [], against: null }
}

process.exitCode = await main()
