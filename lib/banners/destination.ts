import { randomUUIDv7 } from 'node:crypto'
import { MACRO, type Macro } from './macros.ts'

/** With what a click adds. As answers of nginx, by default, have 4 KiB for all of their header. */
export const MAX_URL_LENGTH = 3072
/** Parameters of a click that are looked at. */
export const MAX_PARAMETERS = 100

/** A parameter that stays what it is when it is decoded and encoded. To do that takes ten times as long as to look. */
const PLAIN = /^[\w.*-]*(?:=[\w.*-]*)?$/

/**
 * Where the clicks of one banner lead: its target with the macros filled in and the click's parameters added. Of
 * a request, nothing but the values of parameters that the banner names gets into the URL.
 */
export class Destination {
  /** Whether each click leads to a URL of its own. */
  readonly hasMacros: boolean
  /** Whether parameters of a click change where it leads. */
  readonly takesParameters: boolean
  /** The target in parts: every second one is a macro. */
  readonly #parts: readonly string[]
  /** Names of the parameters that go along. */
  readonly #passed: ReadonlySet<string>

  /** `target`: as `normalTarget` returns it. */
  constructor(bannerId: number, target: string, passQuery: readonly string[]) {
    const filled = target.replaceAll('{banner_id}' satisfies Macro, String(bannerId))
    this.#parts = filled.includes('{') ? filled.split(MACRO) : [filled]
    this.#passed = passQuery.length === 0 ? NONE : passedTo(filled, passQuery)
    this.hasMacros = this.#parts.length > 1
    this.takesParameters = this.#passed.size > 0
  }

  /**
   * The URL for one click, in ASCII, safe in a header. `query`: of the click's address, behind its `?`, as it
   * came. `nowMs`: since the epoch.
   */
  urlFor(query: string, nowMs: number): string {
    const url = this.#filled(nowMs)
    return !this.takesParameters || query === '' ? url : this.#withPassed(url, query)
  }

  #filled(nowMs: number): string {
    if (!this.hasMacros) return this.#parts[0]!
    let clickId: string | null = null
    let url = ''
    for (const part of this.#parts) {
      if (part === ('{click_id}' satisfies Macro)) url += clickId ??= randomUUIDv7()
      else url += part === ('{ts}' satisfies Macro) ? nowMs : part
    }
    return url
  }

  /** Adds parameters in the order of the click, up to the first that has no room. */
  #withPassed(url: string, query: string): string {
    let passed = ''
    for (const text of query.split('&', MAX_PARAMETERS)) {
      const parameter = this.#passedOf(text)
      if (url.length + passed.length + parameter.length > MAX_URL_LENGTH) break
      passed += parameter
    }
    return passed === '' ? url : withQuery(url, passed)
  }

  /** `&name=value` of a parameter that goes along. Otherwise nothing. */
  #passedOf(parameter: string): string {
    if (PLAIN.test(parameter)) {
      const [name, value = ''] = parameter.split('=') as [string, string?]
      return this.#passed.has(name) ? `&${name}=${value}` : ''
    }
    // A `?` in front, because the first one would be dropped.
    for (const [name, value] of new URLSearchParams(`?${parameter}`))
      if (this.#passed.has(name)) return `&${new URLSearchParams([[name, value]])}`
    return ''
  }
}

const NONE: ReadonlySet<string> = new Set()

/** Those of the names that the target does not have itself. */
function passedTo(target: string, names: readonly string[]): ReadonlySet<string> {
  return new Set(names).difference(new Set(new URL(target).searchParams.keys()))
}

/** `addition` begins with `&`. */
function withQuery(url: string, addition: string): string {
  const hash = url.indexOf('#')
  const end = hash < 0 ? url.length : hash
  const [address, fragment] = [url.slice(0, end), url.slice(end)]
  const mark = address.indexOf('?')
  if (mark < 0) return `${address}?${addition.slice(1)}${fragment}`
  // A later `?` is part of a value, and needs the ampersand behind it.
  return mark === end - 1 || address.endsWith('&')
    ? address + addition.slice(1) + fragment
    : address + addition + fragment
}
