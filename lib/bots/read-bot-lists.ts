import { counted } from '../base/counted.ts'
import { ConfigError } from '../base/errors.ts'
import { Pace } from '../base/pace.ts'
import { parseRange } from '../config/address-ranges.ts'
import type { Config } from '../config/config.ts'
import { variableOf } from '../config/settings.ts'
import { quote } from '../config/wording.ts'
import { addRange, type BotLists, noRanges, type Ranges } from './bot-lists.ts'
import { ListFileError, readLines } from './list-file.ts'
import { parsePattern } from './pattern.ts'

/** Each request thread makes one expression of all patterns, and stands still for 10 ms for each thousand of them. */
const MOST_PATTERNS = 5000
const MOST_RANGES = 250_000
/** Wrong lines of a file that are named. */
const MOST_NAMED = 5

/** One of the two files, and what its lines may be. */
interface ListFile {
  readonly variable: string
  readonly path: string | null
  /** Completes "allowed is …". */
  readonly allowed: string
  readonly most: number
  /** What is wrong names the line in quotes. */
  readonly parse: (line: string) => { readonly value: string } | { readonly wrong: string }
}

/**
 * Reads the files that are set. null: none is. Rejects with a ConfigError, one line for each mistake: a file counts as a
 * whole or not at all.
 */
export async function readBotLists(config: Config['classes']): Promise<BotLists | null> {
  const patternsFile: ListFile = {
    variable: variableOf('BOT_PATTERNS_FILE'),
    path: config.botPatternsFile,
    allowed: 'a part of a User-Agent a line, as plain text: ExampleBot/, ^first words, or last words$',
    most: MOST_PATTERNS,
    parse: parsePattern,
  }
  const addressesFile: ListFile = {
    variable: variableOf('BOT_ADDRESSES_FILE'),
    path: config.botAddressesFile,
    allowed: 'an IP address or a CIDR range a line, such as 192.0.2.5 or 2001:db8::/32',
    most: MOST_RANGES,
    parse: parseRangeOfBots,
  }
  if (patternsFile.path === null && addressesFile.path === null) return null
  const [patterns, ranges] = await Promise.allSettled([readList(patternsFile), readList(addressesFile)])
  if (patterns.status === 'fulfilled' && ranges.status === 'fulfilled')
    return { patterns: patterns.value, ranges: await rangesOf(ranges.value) }
  throw new ConfigError([patterns, ranges].flatMap(mistakesOf))
}

/** An error that is none of the files' is thrown. */
function mistakesOf(result: PromiseSettledResult<unknown>): readonly string[] {
  if (result.status === 'fulfilled') return []
  if (result.reason instanceof ConfigError) return result.reason.mistakes
  throw result.reason
}

async function rangesOf(texts: readonly string[]): Promise<Ranges> {
  const ranges = { ...noRanges(), count: texts.length }
  const pace = new Pace()
  for (const text of texts) {
    if (pace.isDue) await pace.rest()
    addRange(ranges, text)
  }
  return ranges
}

/** What the lines of a file say, each once. Without a file, nothing. */
async function readList({ variable, path, allowed, most, parse }: ListFile): Promise<readonly string[]> {
  if (path === null) return []
  const lines = await readLines(path).catch(error => {
    if (!(error instanceof ListFileError)) throw error
    throw new ConfigError([
      `${variable} is ${quote(path)}, which ${error.message}; allowed is a text file with ${allowed}`,
    ])
  })
  const values = new Set<string>()
  const wrong: string[] = []
  let more = 0
  const pace = new Pace()
  for (const [index, line] of lines.entries()) {
    if (pace.isDue) await pace.rest()
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const parsed = parse(text)
    if ('value' in parsed) values.add(parsed.value)
    else if (wrong.length === MOST_NAMED) more++
    else
      wrong.push(`line ${index + 1} of ${variable} (${quote(path)}): ${parsed.wrong}; allowed is ${allowed}`)
    if (values.size > most)
      throw new ConfigError([
        `${variable} is ${quote(path)}, which has too many entries; allowed are ${most} at most`,
      ])
  }
  if (more > 0) wrong.push(`and ${counted(more, 'more wrong line')} of ${quote(path)}`)
  if (wrong.length > 0) throw new ConfigError(wrong)
  return [...values]
}

/** Behind a range, a line may have a comment. */
function parseRangeOfBots(line: string): ReturnType<ListFile['parse']> {
  const parsed = parseRange(line.split('#', 1)[0]!.trim())
  if ('value' in parsed && parsed.value.endsWith('/0')) return { wrong: `${quote(line)} means everybody` }
  return parsed
}
