import { parseArgs } from 'node:util'
import { missing } from './machine/programs.ts'
import { circumstances } from './report/circumstances.ts'
import { sectionMarkdown, writeSection } from './report/results.ts'
import { isQuestion, questions } from './sections/all.ts'
import { progress } from './sections/section.ts'

/** Entry of `npm run bench`. */

const DIRECTORY = new URL('./', import.meta.url)

const HELP = `Usage: npm run bench -- [section …] [--quick] [--minutes N]

${Object.entries(questions)
  .map(([name, { question }]) => `  ${name.padEnd(10)}${question}`)
  .join('\n')}

All but soak are run when none is named, which takes about 20 minutes. The service is started with an embedded
Postgres of its own. A section's table is printed and takes its place in bench/RESULTS.md, its numbers and charts
in bench/results. Exits 1 when a click failed, was lost or counted twice.

--quick      seconds instead of minutes; nothing is written but profile's .cpuprofile
--minutes N  how long soak goes on

Most sections need wrk (apt-get install wrk), and peers what it compares with: it names what is missing.
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
  const minutes = values.minutes === undefined ? null : Number(values.minutes)
  const isRight = positionals.every(isQuestion) && (minutes === null || minutes > 0)
  if (values.help || !isRight) {
    process.stdout.write(HELP)
    return values.help ? 0 : 1
  }
  const chosen = Object.entries(questions).filter(([name, { isByDefault }]) =>
    positionals.length === 0 ? isByDefault : positionals.includes(name),
  )
  const titles = Object.values(questions).map(({ title }) => title)
  let areAllSound = true
  for (const [name, { title, needs, measure }] of chosen) {
    const reason = missing(needs)
    if (reason !== null) {
      progress(`${name} is left out: ${reason}`)
      continue
    }
    const section = await measure({ isQuick: values.quick, minutes })
    const on = await circumstances()
    process.stdout.write(`${sectionMarkdown(title, section, on)}\n`)
    if (!section.isSound) progress(`${name}: clicks failed, were lost or counted twice`)
    areAllSound &&= section.isSound
    if (!values.quick) await writeSection(DIRECTORY, name, title, section, { titles, circumstances: on })
  }
  return areAllSound ? 0 : 1
}

process.exitCode = await main()
