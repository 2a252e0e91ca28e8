import { expect } from 'chai'

/** The samples of a scrape: `name{labels}`, as written, and the value. */
export async function scrape(url: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`, { headers: { connection: 'close' } })
  return parseSamples(await response.text())
}

function parseSamples(text: string): Map<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

/** The names of samples, without their labels. */
export function namesOf(samples: Map<string, number>): Set<string> {
  return new Set([...samples.keys()].map(sample => sample.split('{', 1)[0]!))
}

/** Counters and histograms never decrease while the process lives. */
export function expectNoLess(later: Map<string, number>, earlier: Map<string, number>): void {
  for (const [sample, value] of earlier)
    if (/^\w+_(total|bucket|sum|count)(\{|$)/.test(sample))
      expect(later.get(sample), sample).to.be.at.least(value)
}
