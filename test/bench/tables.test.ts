import { expect } from 'chai'
import { countEstablished } from '../../bench/machine/connections.ts'
import { connectionsTable } from '../../bench/sections/connections.ts'
import { crowdFigures } from '../../bench/sections/crowd.ts'
import { redirectsTable } from '../../bench/sections/redirects.ts'
import { requestsTable } from '../../bench/sections/requests.ts'
import { type TailSample, tailTable } from '../../bench/sections/tail.ts'
import { threadsTable } from '../../bench/sections/threads.ts'
import { validTable } from '../../bench/sections/valid.ts'

/** The cells of a Markdown table, without its rule. */
function cells(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .filter(line => !line.startsWith('|-'))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
}

const sound = { failed: 0, lost: 0, doubled: 0 }

describe('the table of connections', () => {
  const sample = (cpuUsPerClick: number, openConnections = 64) => ({
    ...sound,
    acknowledged: 1000,
    openConnections,
    cpuUsPerClick,
    clicksPerSecond: 1e6 / cpuUsPerClick,
  })

  it('compares the service with the floor and with nginx round by round', () => {
    // A ratio of medians would be 1 for both.
    const here = [sample(4), sample(10), sample(40)]
    const nginx = [sample(5), sample(10), sample(50)]
    const floor = [sample(2), sample(10), sample(20)]
    const [head, row] = cells(connectionsTable([{ connections: 64, samples: [here, nginx, floor] }]))
    expect(row).to.have.lengthOf(head!.length)
    const figures = Object.fromEntries(head!.map((name, column) => [name, row![column]]))
    expect(figures).to.include({
      connections: '64',
      '÷ floor': '2.00',
      '÷ nginx': '0.80',
      'CPU µs here': '10.00',
      'clicks/s nginx': '100000',
      open: '64',
      lost: '0',
    })
  })

  it('tells the fewest connections that were open, and adds up what must be zero', () => {
    const lossy = { ...sample(10, 60), lost: 2 }
    const [head, row] = cells(
      connectionsTable([{ connections: 64, samples: [[lossy], [sample(10)], [lossy]] }]),
    )
    const figures = Object.fromEntries(head!.map((name, column) => [name, row![column]]))
    expect(figures).to.include({ open: '60', failed: '0', lost: '4', doubled: '0' })
  })
})

describe('the table of redirects', () => {
  const sample = (cpuUsPerClick: number) => ({
    ...sound,
    acknowledged: 1000,
    openConnections: 64,
    cpuUsPerClick,
    clicksPerSecond: 1e6 / cpuUsPerClick,
  })

  it('compares with what is only counted, and with nginx, round by round', () => {
    const counter = [sample(4), sample(10), sample(40)]
    const here = [sample(6), sample(10), { ...sample(48), failed: 1 }]
    const nginx = [sample(12), sample(40), sample(96)]
    const [head, row] = cells(redirectsTable([{ name: '/click', here, nginx, counter }]))
    const figures = Object.fromEntries(head!.map((name, column) => [name, row![column]]))
    expect(figures).to.deep.equal({
      ...{ clicks: '/click', '÷ /counter': '1.20', '÷ nginx': '0.50' },
      ...{
        'CPU µs here': '10.00',
        'CPU µs nginx': '40.00',
        'clicks/s here': '100000',
        'clicks/s nginx': '25000',
      },
      ...{ failed: '1', lost: '0', doubled: '0' },
    })
  })
})

describe('the table of requests', () => {
  const sample = (cpuUsPerRequest: number) => ({
    ...sound,
    answered: 1000,
    acknowledged: 0,
    requestsPerSecond: 1e6 / cpuUsPerRequest,
    cpuUsPerRequest,
  })

  it('compares each with the first, round by round', () => {
    const kinds = [
      { name: 'GET', status: 204 },
      { name: 'beacon', status: 204 },
      { name: 'PUT', status: 405 },
    ]
    const samples = [
      [sample(4), sample(10), sample(40)],
      [sample(6), sample(10), sample(60)],
      [sample(8), sample(20), { ...sample(80), failed: 3 }],
    ]
    expect(cells(requestsTable(kinds, samples)).slice(1)).to.deep.equal([
      ['GET', '204', '1.00', '10.00', '100000', '0', '0', '0'],
      ['beacon', '204', '1.50', '10.00', '100000', '0', '0', '0'],
      ['PUT', '405', '2.00', '20.00', '50000', '3', '0', '0'],
    ])
  })
})

describe('the figures of a crowd', () => {
  const samples = (rss: readonly number[], openConnections: number) =>
    rss.map((rssMiB, index) => ({ minute: index + 1, rssMiB, openConnections }))

  it('compare the most with what few connections took in the end, and leave the opening out of the slope', () => {
    const few = { ...sound, connections: 64, samples: samples([90, 100, 98], 64) }
    const opening = samples([100], 9000)
    const settled = samples([0, 150, 152, 154, 156], 10_000).slice(1)
    const text = crowdFigures(few, {
      ...sound,
      lost: 1,
      connections: 10_000,
      samples: [...opening, ...settled],
    })
    expect(text).to.contain('take **58.0 MiB** more').and.contain('grows by **2.00 MiB a minute**')
    expect(cells(text.slice(text.indexOf('|'))).slice(1)).to.deep.equal([
      ['64', '90.0', '98.0', '100.0', '64', '0', '0', '0'],
      ['10000', '100.0', '156.0', '156.0', '9000', '0', '1', '0'],
    ])
  })
})

describe('the table of the tail', () => {
  const waits = (p999Ms: number) => ({
    averageMs: 0.1,
    p50Ms: 0.05,
    p99Ms: 0.2,
    p999Ms,
    maxMs: 9,
    sentAfterP999Ms: p999Ms / 2,
    servedP999Ms: p999Ms / 4,
  })
  const sample = (p999Ms: number, flushes: TailSample['flushes'] = null): TailSample => ({
    ...sound,
    ...waits(p999Ms),
    acknowledged: 1000,
    flushes,
  })
  const inFlush = (p999Ms: number) => sample(1, { ...waits(p999Ms), count: 4, slots: 10_000, clicks: 100 })

  it('has a row for each server, and one for the clicks beside flushes', () => {
    const contenders = [
      { name: 'floor', samples: [sample(1), sample(4), sample(2)] },
      { name: 'here', samples: [inFlush(5), { ...inFlush(3), failed: 2 }, inFlush(7)] },
    ]
    expect(cells(tailTable(contenders)).slice(1)).to.deep.equal([
      ['floor', '0.10', '0.05', '0.20', '2.00', '1.0 to 4.0', '9.00', '1.00', '0.50', '0', '0', '0'],
      ['here', '0.10', '0.05', '0.20', '1.00', '1.0 to 1.0', '9.00', '0.50', '0.25', '2', '0', '0'],
      [
        '… in a flush of 10000',
        '0.10',
        '0.05',
        '0.20',
        '5.00',
        '3.0 to 7.0',
        '9.00',
        '2.50',
        '1.25',
        '',
        '',
        '',
      ],
    ])
  })
})

describe('connections to a server', () => {
  it('are those that are established at its own end', () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
   3: 0100007F:1F90 0100007F:C351 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0
  10: 0100007F:1F90 0100007F:C352 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
`
    expect(countEstablished(table, 8080)).to.equal(2)
    expect(countEstablished(table, 80)).to.equal(0)
  })
})

describe('the table of two threads', () => {
  const sample = (cpuUsPerClick: number, busiestPart: number) => ({
    ...sound,
    acknowledged: 1000,
    cpuUsPerClick,
    busiestPart,
    clientCores: 0.5,
    serviceCores: 0.4,
    p50Ms: 0.05,
  })

  it('compares with one thread round by round', () => {
    const [head, one, threads, processes] = cells(
      threadsTable([
        {
          ratePerSecond: 20_000,
          banners: 1,
          oneThread: [sample(10, 1), sample(20, 1), sample(40, 1)],
          twoThreads: [sample(11, 0.5), sample(20, 0.6), sample(48, 0.7)],
          twoProcesses: [sample(5, 0.5), { ...sample(20, 0.5), lost: 2 }, sample(20, 0.5)],
        },
      ]),
    )
    const figures = (row: string[]) => Object.fromEntries(head!.map((name, column) => [name, row[column]]))
    expect(figures(one!)).to.include({ subject: 'one thread', 'CPU ratio': '1.000', 'CPU µs/click': '20.0' })
    // A ratio of medians would be 1.
    expect(figures(threads!)).to.include({
      'CPU ratio': '1.100',
      'from … to': '1.000 … 1.200',
      busier: '60 %',
    })
    expect(figures(processes!)).to.include({ 'CPU ratio': '0.500', lost: '2' })
  })
})

describe('the table of valid clicks', () => {
  it('compares each with what it is to be compared with, round by round', () => {
    const samples = (...cpu: readonly number[]) =>
      cpu.map(cpuUsPerRequest => ({ ...sound, acknowledged: 1000, refused: 0, cpuUsPerRequest }))
    const [head, ...rows] = cells(
      validTable(
        new Map([
          ['other', samples(10, 20, 40)],
          ['off', samples(11, 20, 48)],
          ['on', samples(11, 22, 48)],
          ['limited', [{ ...samples(5)[0]!, lost: 2 }, ...samples(20, 24)]],
          ['offEach', samples(10, 10, 10)],
          ['onEach', samples(14, 15, 16)],
        ]),
      ),
    )
    const figures = rows.map(row => Object.fromEntries(head!.map((name, column) => [name, row[column]])))
    expect(figures.map(row => row['CPU ratio'])).to.deep.equal(['1.100', '1.000', '1.500', '0.500'])
    expect(figures[0]).to.include({
      'from … to': '1.000 … 1.200',
      aim: '≤ 1.03',
      'CPU µs': '20.00',
      lost: '0',
    })
    expect(figures[3]).to.include({ clicks: '429', lost: '2' })
  })
})
