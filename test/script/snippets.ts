import { readFileSync } from 'node:fs'

const PAGES = new URL('../../docs/pages.md', import.meta.url)

/** The snippets of the page, by heading and place under it: `Script 1`. */
export function snippetsOfPages(): ReadonlyMap<string, string> {
  const snippets = new Map<string, string>()
  const parts = readFileSync(PAGES, 'utf8').matchAll(/^#+ (?<heading>.+)$|^```.*\n(?<text>[\s\S]*?)^```$/gm)
  let heading = ''
  let place = 0
  for (const { groups } of parts) {
    if (groups!.heading !== undefined) [heading, place] = [groups!.heading, 0]
    else snippets.set(`${heading} ${++place}`, groups!.text!)
  }
  return snippets
}
