import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { SectionResult } from './section-result.ts'

/** bench/RESULTS.md and bench/results: what was measured last, section by section. */

const HEADING = `# Results

Each section is one run of \`npm run bench -- <section>\`. The run replaces its section and nothing else. The numbers are
in [results](results), one JSON file a section. Figures move from machine to machine: quote the ratios.
`

/** The aims. No run replaces this section. */
const WRITTEN_BY_HAND = 'Goals'

/** What was measured, on what and with what. */
export interface Circumstances {
  readonly clickcounter: string
  readonly postgres: string
  readonly node: string
  readonly machine: string
  readonly measuredAt: string
  readonly wrk: string | null
}

/** A section's Markdown, with its heading and what it was measured on. */
export function sectionMarkdown(title: string, { text }: SectionResult, on: Circumstances): string {
  const wrk = on.wrk === null ? '' : `, wrk ${on.wrk}`
  const line = `clickcounter ${on.clickcounter}, embedded Postgres ${on.postgres}, Node ${on.node}${wrk}, ${on.machine}, ${on.measuredAt.slice(0, 10)}.`
  return `## ${title}\n\n${line}\n\n${text.trim()}\n`
}

/**
 * The report with one section replaced, or added in the order of `titles`. Sections whose titles are not in
 * there are dropped, but not the one that is written by hand.
 */
export function mergeSection(
  report: string,
  section: { title: string; markdown: string },
  titles: readonly string[],
): string {
  const sections = new Map(
    report
      .split(/^(?=## )/m)
      .filter(part => part.startsWith('## '))
      .map(part => [part.slice(3, part.indexOf('\n')).trim(), `${part.trim()}\n`]),
  )
  sections.set(section.title, section.markdown)
  const kept = [WRITTEN_BY_HAND, ...titles].filter(title => sections.has(title))
  return [HEADING, contentsOf(kept), ...kept.map(title => sections.get(title))].join('\n')
}

function contentsOf(titles: readonly string[]): string {
  const links = titles.map(title => `[${title}](#${title.toLowerCase().replaceAll(' ', '-')})`)
  return `${links.join(' · ')}\n`
}

/** Writes a section into `directory`: its part of RESULTS.md, its raw numbers and charts. */
export async function writeSection(
  directory: URL,
  { name, title }: { readonly name: string; readonly title: string },
  result: SectionResult,
  { titles, circumstances }: { titles: readonly string[]; circumstances: Circumstances },
): Promise<void> {
  const reportFile = new URL('RESULTS.md', directory)
  const resultsDirectory = new URL('results/', directory)
  await mkdir(resultsDirectory, { recursive: true })
  const { isSound, raw, charts } = result
  const json = JSON.stringify({ section: name, ...circumstances, isSound, raw }, compactNumbers, 1)
  await writeFile(new URL(`${name}.json`, resultsDirectory), `${json}\n`)
  for (const [file, svg] of Object.entries(charts)) await writeFile(new URL(file, resultsDirectory), svg)
  const report = await readFile(reportFile, 'utf8').catch(() => '')
  const markdown = sectionMarkdown(title, result, circumstances)
  await writeFile(reportFile, mergeSection(report, { title, markdown }, titles))
}

/** No figure here is exact to more than six digits. */
function compactNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value
}
