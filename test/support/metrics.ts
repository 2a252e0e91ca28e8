/** The samples of an answer to a scrape: `name{labels}` as it is written, and its value. */
export async function scrape(url: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`, { headers: { connection: 'close' } })
  return parseSamples(await response.text())
}

export function parseSamples(text: string): Map<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

/** Names of samples without their labels. */
export function namesOf(samples: Map<string, number>): Set<string> {
  return new Set([...samples.keys()].map(sample => sample.split('{', 1)[0]!))
}

/** Samples that may grow, and begin anew with the process alone. */
export function isCumulative(sample: string): boolean {
  return /^\w+_(total|bucket|sum|count)(\{|$)/.test(sample)
}
