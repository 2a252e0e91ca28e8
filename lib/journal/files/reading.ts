import { CLASSES, type ClickClass, VALID } from '../../rows/classes.ts'
import type { KeyedBulk } from '../../rows/keyed-bulk.ts'
import {
  BULK,
  BULK_PART,
  CLASS_SHIFT,
  END,
  encodeFileHeader,
  FILE_HEADER_BYTES,
  type FileKey,
  type FormatVersion,
  KEYED_BULK,
  KIND_BYTES,
  MINUTE_BYTES,
  PAIR_BYTES,
  RECORD_MARKS,
  type RecordKind,
  soundVersion,
  TICK,
} from './format.ts'
import { type Frames, type Layout, readFrames } from './frames.ts'
import { decodeKeyed } from './keyed-record.ts'
import type { ClickFile } from './names.ts'
import { isOfPairs } from './payload.ts'

/** The payload of an end. */
const END_BYTES = KIND_BYTES + MINUTE_BYTES

export interface ReadingResult extends Frames {
  /** What a newer program has written of it, for people: a version, a kind or a class. null: nothing. */
  readonly newer: string | null
}

/** Clicks of a banner in a minute; a banner and minute may come more than once. */
export type Visit = (minute: number, bannerId: number, clickClass: ClickClass, clicks: number) => void

/** A bulk with its key. It is to be counted once, however often it comes. */
export type VisitKeyed = (bulk: KeyedBulk) => void

/**
 * Calls `visit` for every click count in a file's content that can be trusted, and `visitKeyed` for every bulk with a
 * key, whose clicks are not among these. `file` is what its name says.
 */
export function readRecords(
  content: Buffer,
  file: Pick<ClickFile, 'kind' | 'version' | 'key'>,
  visit: Visit,
  visitKeyed: VisitKeyed,
): ReadingResult {
  const hasHeader = startsWithHeader(content, file)
  const version = hasHeader ? null : soundVersion(content)
  if (version !== null && !(version in RECORD_MARKS))
    return { isDamaged: false, isTorn: false, records: 0, newer: `version ${version} of the format` }
  const found: Found = { newer: null, recordsAtEnd: null, parts: [] }
  const frames = readFrames(
    content,
    file.version === 1 ? versionOne(visit) : versionTwo(visit, visitKeyed, found),
  )
  const isHalf = file.kind === 'batch' && !isWholeBatch(frames, found, file.version)
  return {
    isDamaged: frames.isDamaged || !hasHeader || isHalf,
    isTorn: frames.isTorn,
    records: found.recordsAtEnd === null ? frames.records : frames.records - 1,
    newer: found.newer,
  }
}

/** What a file holds beside clicks. */
interface Found {
  newer: string | null
  /** How many records of clicks its end says there are. null: it has no end. */
  recordsAtEnd: number | null
  /**
   * Payloads of a bulk whose last record has not come yet. A crash may have torn it, so they count with the next record
   * of clicks: whatever that is, it was written after the whole bulk.
   */
  readonly parts: { readonly payload: Buffer; readonly clickClass: ClickClass }[]
}

/** A crash cannot have torn a batch. In version 1 it has no end, so a cut between two records does not show. */
function isWholeBatch({ isTorn, records }: Frames, { recordsAtEnd }: Found, version: FormatVersion): boolean {
  if (isTorn) return false
  return version === 1 || records - 1 === recordsAtEnd
}

/** A file that ends within its header is torn like any other; its name says what it is for. */
function startsWithHeader(
  content: Buffer,
  { version, key }: { version: FormatVersion; key: FileKey },
): boolean {
  const bytes = Math.min(content.length, FILE_HEADER_BYTES)
  return encodeFileHeader(key, version).subarray(0, bytes).equals(content.subarray(0, bytes))
}

/** Minute and pairs. */
function versionOne(visit: Visit): Layout {
  return {
    mark: RECORD_MARKS[1],
    mayBeLength: bytes => bytes % PAIR_BYTES === MINUTE_BYTES,
    take(payload) {
      if (!isOfPairs(payload, 0)) return false
      visitPairs(payload, 0, VALID, visit)
      return true
    },
  }
}

/** Kind and class before these. */
function versionTwo(visit: Visit, visitKeyed: VisitKeyed, found: Found): Layout {
  return {
    mark: RECORD_MARKS[2],
    // A kind that is not known may have any words.
    mayBeLength: bytes => bytes >= KIND_BYTES && bytes % 4 === 0,
    take(payload) {
      // Nothing is behind an end.
      if (found.recordsAtEnd !== null) return false
      const kindAndClass = payload.readUInt32LE()
      const kind = kindAndClass & (2 ** CLASS_SHIFT - 1)
      const clickClass = kindAndClass >>> CLASS_SHIFT
      if (kind === END) return takeEnd(payload, found)
      if (kindAndClass === KEYED_BULK) return takeKeyed(payload, visit, visitKeyed, found)
      if (!isOfOneClass(kind)) found.newer ??= `a record of kind ${kind}`
      else if (clickClass >= CLASSES.length) found.newer ??= `clicks of class ${clickClass}`
      else return takeClicks(kind, payload, clickClass as ClickClass, visit, found)
      return true
    },
  }
}

function isOfOneClass(kind: number): kind is RecordKind {
  return kind === TICK || kind === BULK || kind === BULK_PART
}

function takeClicks(
  kind: RecordKind,
  payload: Buffer,
  clickClass: ClickClass,
  visit: Visit,
  found: Found,
): boolean {
  if (!isOfPairs(payload, KIND_BYTES)) return false
  found.parts.push({ payload, clickClass })
  if (kind !== BULK_PART) visitParts(found, visit)
  return true
}

function visitParts({ parts }: Found, visit: Visit): void {
  for (const part of parts.splice(0)) visitPairs(part.payload, KIND_BYTES, part.clickClass, visit)
}

function takeKeyed(payload: Buffer, visit: Visit, visitKeyed: VisitKeyed, found: Found): boolean {
  const bulk = decodeKeyed(payload)
  if (bulk === null) return false
  visitParts(found, visit)
  if (typeof bulk === 'string') found.newer ??= bulk
  else visitKeyed(bulk)
  return true
}

/** Kind and number of records. */
function takeEnd(payload: Buffer, found: Found): boolean {
  if (payload.length !== END_BYTES) return false
  found.recordsAtEnd = payload.readUInt32LE(KIND_BYTES)
  return true
}

/** Visits the pairs behind a minute at `start`. */
function visitPairs(payload: Buffer, start: number, clickClass: ClickClass, visit: Visit): void {
  const minute = payload.readUInt32LE(start)
  for (let at = start + MINUTE_BYTES; at < payload.length; at += PAIR_BYTES)
    visit(minute, payload.readUInt32LE(at), clickClass, payload.readUInt32LE(at + 4))
}
