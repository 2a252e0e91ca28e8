import fc from 'fast-check'
import type { Sample } from './corpus/corpus.ts'
import type { Script } from './exchange.ts'

/** Bytes that mean something in HTTP, or nothing good. */
const BYTES = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '/',
  '?',
  '#',
  '%',
  '.',
  '-',
  '+',
  '0',
  '1',
]
const MORE_BYTES = [
  '\x01',
  '\x0b',
  '\f',
  '\x7f',
  '\x80',
  '\xff',
  '"',
  '@',
  '_',
  'A',
  'G',
  'H',
  '\r\n\r\n',
  '\r\n ',
]

type Change = (text: string) => string

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const bytes = fc.oneof(
  fc.constantFrom(...BYTES, ...MORE_BYTES),
  fc.nat({ max: 255 }).map(byte => String.fromCharCode(byte)),
)

function at(text: string, where: number): number {
  return Math.floor(where * text.length)
}

function replaced(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end)
}

const flip = fc.tuple(place, fc.nat({ max: 7 })).map(
  ([where, bit]): Change =>
    text => {
      const index = at(text, where)
      const byte = text.charCodeAt(index) ^ (1 << bit)
      return text === '' ? text : replaced(text, index, index + 1, String.fromCharCode(byte))
    },
)

const overwrite = fc.tuple(place, bytes).map(
  ([where, by]): Change =>
    text => {
      const index = at(text, where)
      return replaced(text, index, index + 1, by)
    },
)

const insert = fc.tuple(place, bytes).map(
  ([where, by]): Change =>
    text => {
      const index = at(text, where)
      return replaced(text, index, index, by)
    },
)

const remove = fc.tuple(place, fc.integer({ min: 1, max: 6 })).map(
  ([where, length]): Change =>
    text => {
      const index = at(text, where)
      return replaced(text, index, index + length, '')
    },
)

/** A line comes a second time, somewhere else. */
const repeatLine = fc.tuple(place, place).map(
  ([which, where]): Change =>
    text => {
      const lines = text.split('\r\n')
      const line = lines[Math.floor(which * lines.length)]!
      lines.splice(Math.floor(where * lines.length), 0, line)
      return lines.join('\r\n')
    },
)

const removeLine = place.map(
  (which): Change =>
    text => {
      const lines = text.split('\r\n')
      lines.splice(Math.floor(which * lines.length), 1)
      return lines.join('\r\n')
    },
)

/** A word in upper or lower case. */
const changeCase = fc.tuple(place, fc.boolean()).map(
  ([which, isUpper]): Change =>
    text => {
      const words = [...text.matchAll(/[A-Za-z]+/g)]
      if (words.length === 0) return text
      const { 0: word, index } = words[Math.floor(which * words.length)]!
      return replaced(text, index, index + word.length, isUpper ? word.toUpperCase() : word.toLowerCase())
    },
)

/** Goes on as another sample does, from anywhere in it. */
function splice(samples: readonly Sample[]): fc.Arbitrary<Change> {
  return fc.tuple(place, place, fc.constantFrom(...samples)).map(
    ([where, from, other]): Change =>
      text =>
        text.slice(0, at(text, where)) + other.text.slice(at(other.text, from)),
  )
}

/** A line of another sample among those of this one. */
function graftLine(samples: readonly Sample[]): fc.Arbitrary<Change> {
  return fc.tuple(place, place, fc.constantFrom(...samples)).map(
    ([which, where, other]): Change =>
      text => {
        const lines = text.split('\r\n')
        const others = other.text.split('\r\n')
        lines.splice(Math.floor(where * lines.length), 0, others[Math.floor(which * others.length)]!)
        return lines.join('\r\n')
      },
  )
}

/** Samples with a few changes each, in up to three pieces; the same ones for the same seed. */
export function mutations(samples: readonly Sample[], count: number, seed: number): Script[] {
  const change = fc.oneof(
    flip,
    overwrite,
    insert,
    remove,
    repeatLine,
    removeLine,
    changeCase,
    splice(samples),
    graftLine(samples),
  )
  const script = fc
    .record({
      sample: fc.constantFrom(...samples),
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      places: fc.array(place, { maxLength: 2 }),
    })
    .map(({ sample, changes, places }): Script => {
      const text = changes.reduce((changed, apply) => apply(changed), sample.text)
      const cuts = new Set(places.map(where => at(text, where)).filter(cut => cut > 0))
      return { name: `a mutation of ${sample.name}`, text, cuts: [...cuts].sort((a, b) => a - b) }
    })
  return fc.sample(script.filter(isRepeatable), { numRuns: count, seed })
}

/** The full report on health has times in it, and is never the same twice. */
function isRepeatable({ text }: Script): boolean {
  return !/\/health(?!\/)/i.test(text)
}
