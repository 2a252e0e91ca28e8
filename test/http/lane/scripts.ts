import { seededRandom } from '../../support/random.ts'
import type { Sample } from './corpus/corpus.ts'
import { CLICK } from './corpus/parts.ts'
import type { Script } from './exchange.ts'

/** Of a longer sample, the bytes at its start and at its end that it is cut at, besides its line ends. */
const CUT_AT_BYTES = { start: 300, end: 100 }
/** The same of one with more than this: where it is cut in its middle is all the same, and takes time. */
const HUGE_BYTES = 4000
const CUT_HUGE_AT_BYTES = { start: 100, end: 40 }
/** Line ends of a sample with thousands of them that it is cut around. */
const MOST_LINE_ENDS = 50

export function whole(samples: readonly Sample[]): Script[] {
  return samples.map(({ name, text }) => ({ name, text, cuts: [] }))
}

/**
 * Each sample in two pieces, for every place it can be cut at: between any two of its bytes; of a long sample
 * at its start, at its end, and around the first line ends between.
 */
export function cutEverywhere(samples: readonly Sample[]): Script[] {
  return samples.flatMap(({ name, text }) =>
    cutsOf(text).map(cut => ({ name: `${name}, cut at ${cut} of ${text.length}`, text, cuts: [cut] })),
  )
}

/** Each short sample a byte at a time. */
export function byteByByte(samples: readonly Sample[], mostBytes: number): Script[] {
  return samples
    .filter(({ text }) => text.length > 1 && text.length <= mostBytes)
    .map(({ name, text }) => ({
      name: `${name}, byte by byte`,
      text,
      cuts: Array.from({ length: text.length - 1 }, (_, byte) => byte + 1),
    }))
}

/** Each sample with a click before it, and with one behind it; whole, and cut between the two. */
export function besideAClick(samples: readonly Sample[]): Script[] {
  const click = { name: 'a click', text: CLICK }
  return samples.flatMap(sample => [...inPair(click, sample), ...inPair(sample, click)])
}

/** Some of all pairs of samples, the same ones for the same seed; whole, and cut between the two. */
export function pairs(samples: readonly Sample[], count: number, seed: number): Script[] {
  const random = seededRandom(seed)
  const any = () => samples[random(samples.length)]!
  return Array.from({ length: count }, () => inPair(any(), any())).flat()
}

/**
 * Requests on one connection, cut in two at every byte: all at once, and each behind the answer to the one
 * before.
 */
export function inTurn(name: string, requests: readonly string[]): Script[] {
  const text = requests.join('')
  const ends = requests.slice(1).map((_, nth) => requests.slice(0, nth + 1).join('').length)
  return Array.from({ length: text.length - 1 }, (_, nth) => nth + 1).flatMap(cut => [
    { name: `${name}, at once, cut at ${cut}`, text, cuts: [cut] },
    {
      name: `${name}, one by one, cut at ${cut}`,
      text,
      cuts: [...new Set([...ends, cut])].sort((a, b) => a - b),
    },
  ])
}

function inPair(first: Sample, second: Sample): Script[] {
  const name = `${first.name}, then ${second.name}`
  const text = first.text + second.text
  return [
    { name, text, cuts: [] },
    { name: `${name}, cut between`, text, cuts: [first.text.length] },
  ]
}

function cutsOf(text: string): number[] {
  const { start, end } = text.length > HUGE_BYTES ? CUT_HUGE_AT_BYTES : CUT_AT_BYTES
  const cuts = new Set<number>()
  for (let cut = 1; cut < text.length; cut++) if (cut <= start || cut >= text.length - end) cuts.add(cut)
  for (const { index } of [...text.matchAll(/\r\n/g)].slice(0, MOST_LINE_ENDS))
    for (const cut of [index, index + 1, index + 2]) if (cut > 0 && cut < text.length) cuts.add(cut)
  return [...cuts].sort((a, b) => a - b)
}
