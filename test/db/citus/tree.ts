/** A statement as Postgres' own parser gives it: an object with one key, the name of what it is. */
export type Tree = Readonly<Record<string, unknown>>

/** What is in a tree, as name and content: the tree itself, and whatever it holds. */
export function* partsOf(tree: unknown): Generator<[name: string, content: Tree]> {
  if (tree === null || typeof tree !== 'object') return
  for (const [name, content] of Object.entries(tree)) {
    if (content !== null && typeof content === 'object' && !Array.isArray(content))
      yield [name, content as Tree]
    yield* partsOf(content)
  }
}

/** All of one name. */
export function found(name: string, tree: unknown): Tree[] {
  return [...partsOf(tree)].filter(([part]) => part === name).map(([, content]) => content)
}

/** The texts of a list of names, as in a column's path or in an index. */
export function textsOf(tree: unknown): string[] {
  return found('String', tree).map(({ sval }) => String(sval))
}

/** The tables that are named in a tree. */
export function tablesOf(tree: unknown): string[] {
  return [...found('RangeVar', tree), ...found('relation', tree)].map(({ relname }) => String(relname))
}
