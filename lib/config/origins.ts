import type { Domain, Parsed } from './domains.ts'
import { parseList } from './list.ts'
import { quote } from './wording.ts'

/** A wildcard would be taken for a host's name, and match no page. A semicolon separates nothing. */
const FORM = /^[a-z][a-z\d+.-]*:\/\/[^/?#@\\*;]+$/i
const EXAMPLE = 'https://shop.example'

/** Origins of pages, as browsers write them: `https://shop.example`, `http://localhost:8081`. */
export const origins: Domain<readonly string[]> = {
  isList: true,
  allowed: `origins of pages, such as ${EXAMPLE}, separated by commas or spaces`,
  parse: text => parseList(text, parseOrigin),
}

function parseOrigin(entry: string): Parsed<string> {
  const url = FORM.test(entry) ? URL.parse(entry) : null
  if (url === null) {
    const meant = URL.parse(entry)?.origin ?? ''
    return {
      wrong: `${quote(entry)} is no origin: write ${FORM.test(meant) ? meant : `one like ${EXAMPLE}`}`,
    }
  }
  // Of other protocols, such as an app's, the whole is the origin.
  return { value: url.origin === 'null' ? entry.toLowerCase() : url.origin }
}
