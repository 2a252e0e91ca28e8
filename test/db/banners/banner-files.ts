import fc from 'fast-check'
import type { BannerFormat } from '../../../db/banners/banner-format.ts'
import { exportText } from '../../../db/banners/export-banners.ts'
import type { WantedBanner } from '../../../db/banners/write-banners.ts'
import { SEPARATOR } from '../../../lib/banners/banner-schema.ts'
import { isPlainLine } from '../../../lib/base/plain-line.ts'

/** Pieces of texts that some form or some program could misread. */
const PIECES = [
  'a',
  'B',
  '7',
  ' ',
  '"',
  '""',
  "'",
  "'=",
  '=',
  '+',
  '-',
  '@',
  '＝',
  ',',
  ';',
  '|',
  '\\',
  '\\"',
  '/',
]
const MORE_PIECES = [
  '{',
  '}',
  '[',
  ']',
  ':',
  '#',
  'null',
  'true',
  'ü',
  '店',
  '😀',
  '👩‍👧'.replaceAll('\u200d', ''),
  '%',
  '{ts}',
]

const line = (maxCharacters: number, without = '\n') =>
  fc
    .array(fc.constantFrom(...PIECES, ...MORE_PIECES), { minLength: 1, maxLength: 12 })
    .map(pieces => pieces.join('').replaceAll(without, '').trim() || 'x')
    .filter(text => isPlainLine(text, maxCharacters))

const timeMs = fc.oneof(
  fc.integer({ min: Date.parse('0001-01-01T00:00:00Z'), max: Date.parse('9998-12-31T23:59:59Z') }),
  fc.constant(Date.parse('2026-11-27T10:00:00Z')),
)
const period = fc.oneof(
  fc.constant([null, null] as const),
  timeMs.map(fromMs => [fromMs, null] as const),
  timeMs.map(untilMs => [null, untilMs] as const),
  fc
    .tuple(timeMs, fc.integer({ min: 1, max: 86_400_000 }))
    .map(([fromMs, ms]) => [fromMs, fromMs + ms] as const),
)
const target = fc.constantFrom(
  null,
  'https://shop.example/',
  'https://shop.example/?b={banner_id}&c={click_id},%22x%22',
  'http://[::1]:8080/a;b=c#=1',
)
const id = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }))

/** A banner in the form in which it is kept. */
const banner: fc.Arbitrary<WantedBanner> = fc
  .record({
    id,
    name: line(200),
    target,
    campaign: fc.option(line(100)),
    labels: fc.uniqueArray(line(50, SEPARATOR), { maxLength: 4 }).map(labels => labels.sort()),
    passQuery: fc.uniqueArray(fc.constantFrom('utm_source', '-x', '~', 'A.b', '_'), { maxLength: 3 }),
    isActive: fc.boolean(),
    period,
  })
  .map(({ period: [activeFromMs, activeUntilMs], ...rest }) => ({ ...rest, activeFromMs, activeUntilMs }))

/** Each id once. */
export const banners = fc.uniqueArray(banner, { selector: ({ id }) => id, maxLength: 30 })

/** As an export has them. */
export async function textOf(wanted: readonly WantedBanner[], format: BannerFormat): Promise<string> {
  const all = wanted.map(banner => ({ ...banner, version: 'v', updatedAtMs: 0, updatedBy: 'shell' }))
  const pages = async function* () {
    for (let at = 0; at < all.length; at += 7) yield all.slice(at, at + 7)
  }
  return (await Array.fromAsync(exportText(pages(), format))).join('')
}

/** The bytes, cut at any places. */
export async function* cut(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer, void> {
  for (let [at, turn] = [0, 0]; at < bytes.length; turn++) {
    const length = lengths.length === 0 ? bytes.length : lengths[turn % lengths.length]!
    yield bytes.subarray(at, at + length)
    at += length
  }
}

/** Lengths of pieces: none cuts nothing. */
export const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 5 })

/** A banner without anything. */
export const PLAIN: Omit<WantedBanner, 'id'> = {
  name: 'plain',
  target: null,
  campaign: null,
  labels: [],
  passQuery: [],
  isActive: true,
  activeFromMs: null,
  activeUntilMs: null,
}
