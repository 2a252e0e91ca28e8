import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { mergeSection, writeSection } from '../../bench/report/results.ts'

const TITLES = ['Peers', 'Rates', 'Soak']
const ON = {
  clickcounter: '1.0.0',
  postgres: '18.1',
  node: '26.0.0',
  machine: '2 × a processor',
  measuredAt: '2026-01-02T03:04:05.000Z',
  wrk: '4.1.0',
}

function headings(report: string): string[] {
  return [...report.matchAll(/^#+ .*/gm)].map(([heading]) => heading)
}

describe('results of the bench', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-bench-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  function write(name: string, title: string, text: string, charts: Record<string, string> = {}) {
    const section = { text, raw: [1 / 3, 7], charts, isSound: true }
    const url = pathToFileURL(`${directory}/`)
    return writeSection(url, { name, title }, section, { titles: TITLES, circumstances: ON })
  }

  it('have a section replaced and the others left as they are', () => {
    const report =
      '# Results\n\nold\n\n## Peers\n\nfirst\n\n### More\n\n## Rates\n\nsecond\n\n## Soak\n\nthird\n'
    const merged = mergeSection(report, { title: 'Rates', markdown: '## Rates\n\nnew\n' }, TITLES)
    expect(headings(merged)).to.deep.equal(['# Results', '## Peers', '### More', '## Rates', '## Soak'])
    expect(merged).to.contain('first').and.contain('new').and.contain('third')
    expect(merged).not.to.contain('second')
  })

  it('stay the same when the same is merged again', () => {
    const section = { title: 'Soak', markdown: '## Soak\n\nflat\n' }
    const once = mergeSection('', section, TITLES)
    expect(mergeSection(once, section, TITLES)).to.equal(once)
  })

  it('are in the order of the questions, whichever was asked first', async () => {
    await write('soak', 'Soak', 'flat')
    await write('peers', 'Peers', 'cheap')
    const report = await readFile(join(directory, 'RESULTS.md'), 'utf8')
    expect(headings(report)).to.deep.equal(['# Results', '## Peers', '## Soak'])
  })

  it('begin with links to what is in them', () => {
    const report = '## Peers\n\ncheap\n'
    const merged = mergeSection(report, { title: 'Two threads', markdown: '## Two threads\n' }, [
      'Peers',
      'Two threads',
    ])
    expect(merged).to.contain('[Peers](#peers) · [Two threads](#two-threads)\n')
  })

  it('keep the goals, which no run writes, in front of all others', () => {
    const report = '## Soak\n\nold\n\n## Goals\n\nreached\n'
    const merged = mergeSection(report, { title: 'Peers', markdown: '## Peers\n\ncheap\n' }, TITLES)
    expect(headings(merged)).to.deep.equal(['# Results', '## Goals', '## Peers', '## Soak'])
    expect(merged).to.contain('reached')
  })

  it('lose the sections that nobody asks for any more', () => {
    const merged = mergeSection('## Gone\n\nx\n', { title: 'Soak', markdown: '## Soak\n\nflat\n' }, TITLES)
    expect(merged).not.to.contain('Gone')
  })

  it('say for each section what it was measured on', async () => {
    await write('soak', 'Soak', 'flat')
    expect(await readFile(join(directory, 'RESULTS.md'), 'utf8')).to.contain(
      '## Soak\n\nclickcounter 1.0.0, embedded Postgres 18.1, Node 26.0.0, wrk 4.1.0, 2 × a processor, 2026-01-02.\n\nflat\n',
    )
  })

  it('keep raw numbers and charts, and overwrite them with the next run', async () => {
    await write('peers', 'Peers', 'cheap', { 'peers.svg': '<svg/>' })
    await write('peers', 'Peers', 'cheaper', { 'peers.svg': '<svg></svg>' })
    expect((await readdir(join(directory, 'results'))).sort()).to.deep.equal(['peers.json', 'peers.svg'])
    expect(await readFile(join(directory, 'results', 'peers.svg'), 'utf8')).to.equal('<svg></svg>')
    const raw = JSON.parse(await readFile(join(directory, 'results', 'peers.json'), 'utf8'))
    expect(raw).to.deep.equal({ section: 'peers', ...ON, isSound: true, raw: [0.333333, 7] })
  })
})
