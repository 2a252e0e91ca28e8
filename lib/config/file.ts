import { isDeepStrictEqual } from 'node:util'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { nearest } from '../base/nearest.ts'
import { type Setting, type SettingName, settingNames, settings } from './settings.ts'
import { inFile, listed } from './wording.ts'

/**
 * What a configuration file says: a text for each setting in it, and a line for
 * each mistake in its structure.
 */
interface FileSettings {
  readonly texts: ReadonlyMap<SettingName, string>
  readonly mistakes: readonly string[]
}

/** Reads the YAML of a configuration file. The settings themselves judge the texts. */
export function readFileSettings(yaml: string): FileSettings {
  const document = parseDocument(yaml, { stringKeys: true })
  const mistakes = syntaxMistakes(document)
  const texts = new Map<SettingName, string>()
  const root = document.contents
  if (mistakes.length === 0 && !isEmpty(root)) {
    if (isMap(root)) collect(document, root, [], { texts, mistakes })
    else mistakes.push(`the configuration file is ${kindOf(root)}; allowed are ${knownBelow([])}`)
  }
  return { texts, mistakes }
}

/** One broken bracket can cause an error at every later token. The first errors tell enough. */
const MAX_SYNTAX_MISTAKES = 5

/** The parser's sentences may quote the file, and so a password. Its codes and positions never do. */
function syntaxMistakes(document: Document.Parsed): string[] {
  return [...document.errors, ...document.warnings].slice(0, MAX_SYNTAX_MISTAKES).map(({ code, linePos }) => {
    const where = linePos === undefined ? '' : ` at line ${linePos[0].line}, column ${linePos[0].col}`
    const what = code.toLowerCase().replaceAll('_', ' ')
    return `the configuration file cannot be read${where}: ${what}; allowed is plain YAML 1.2`
  })
}

interface Found {
  readonly texts: Map<SettingName, string>
  readonly mistakes: string[]
}

/** Goes down only as deep as known keys do, so that aliases within aliases are never expanded. */
function collect(document: Document.Parsed, map: YAMLMap, above: readonly string[], found: Found): void {
  for (const { key, value } of map.items) {
    const path = [...above, isScalar(key) ? String(key.value) : '']
    const name = settingNames.find(each => isDeepStrictEqual(settings[each].path, path))
    const node = isAlias(value) ? value.resolve(document) : value
    if (name !== undefined) collectText(name, node, document, found)
    else if (!isSection(path)) found.mistakes.push(unknownKey(path))
    else if (isMap(node)) collect(document, node, path, found)
    else if (!isEmpty(node)) {
      found.mistakes.push(`${inFile(path)} is ${kindOf(node)}; allowed are ${knownBelow(path)}`)
    }
  }
}

function collectText(
  name: SettingName,
  node: unknown,
  document: Document.Parsed,
  { texts, mistakes }: Found,
): void {
  const { path, allowed, isList, isTruth }: Setting<unknown> = settings[name]
  const text = isList && isSeq(node) ? textOfList(node, document) : textOf(node, isTruth)
  if (text !== null) texts.set(name, text)
  else mistakes.push(`${inFile(path)} is ${kindOf(node)}; allowed is ${allowed}`)
}

/** null: it is empty, or an item is no text. */
function textOfList({ items }: YAMLSeq, document: Document.Parsed): string | null {
  const texts = items.map(item => textOf(isAlias(item) ? item.resolve(document) : item))
  return texts.length === 0 || texts.includes(null) ? null : texts.join(' ')
}

/** Numbers as they were written: 0x10 must not become 16, and the password 007 must not become 7. */
function textOf(node: unknown, mayBeTruth = false): string | null {
  if (!isScalar(node)) return null
  if (typeof node.value === 'string') return node.value
  const isPlain = typeof node.value === 'number' || (mayBeTruth && typeof node.value === 'boolean')
  return isPlain ? (node.source ?? null) : null
}

function kindOf(node: unknown): string {
  if (isMap(node)) return 'a section'
  if (isSeq(node)) return node.items.length === 0 ? 'an empty list' : 'a list'
  if (node === undefined) return 'an alias without an anchor before it'
  if (!isScalar(node)) return 'empty'
  if (node.value === null) return 'empty'
  return typeof node.value === 'boolean' ? 'a truth value, not a text in quotes' : 'a single value'
}

function isEmpty(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null)
}

function isSection(path: readonly string[]): boolean {
  return path.length === 1 && settingNames.some(name => settings[name].path[0] === path[0])
}

function unknownKey(path: readonly string[]): string {
  const known = settingNames.map(name => settings[name].path.join('.'))
  const sections = settingNames.map(name => settings[name].path[0]!)
  const near = nearest(path.join('.'), [...known, ...sections])
  const guess = near === null ? '' : `; did you mean ${near}?`
  return `${inFile(path)} is not a known key${guess}; allowed are ${knownBelow(path.slice(0, -1))}`
}

/** "the keys host, port and threads" */
function knownBelow(above: readonly string[]): string {
  const paths = settingNames.map(name => settings[name].path)
  const below = paths.filter(path => above.every((key, depth) => path[depth] === key))
  return `the keys ${listed([...new Set(below.map(path => path[above.length]!))])}`
}
