/** @import { ImportReport } from './types.d.ts' */
import { count } from '../format.js'

/** The media types that the service takes, by how a file's name ends. @type {Readonly<Record<string, string>>} */
const TYPES = {
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
}

/** null: the name does not say what the file is. @param {string} fileName */
export function typeOf(fileName) {
  const ending = fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase()
  return Object.hasOwn(TYPES, ending) ? (TYPES[ending] ?? null) : null
}

/** What an import would do. @param {ImportReport} report */
export function previewWords({ created, changed, unchanged }) {
  if (created + changed > 0) return 'Nothing is changed yet.'
  if (unchanged === 0) return 'There is no banner in this file.'
  return 'Nothing would change: all banners in this file are as they are here.'
}

/** What an import has done. @param {ImportReport} report */
export function doneWords({ created, changed }) {
  return `The file was imported: ${banners(created)} added, ${banners(changed)} changed.`
}

/** @param {number} number */
export function banners(number) {
  return `${count(number)} ${number === 1 ? 'banner' : 'banners'}`
}
