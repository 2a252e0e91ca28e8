import { crc32 } from 'node:zlib'
import { FILE_HEADER_BYTES, RECORD_HEADER_BYTES } from './format.ts'

const MAX_PAYLOAD_BYTES = 2 ** 28

/** How a version of the format lays out its records. */
export interface Layout {
  /** What each record starts with. */
  readonly mark: Buffer
  /** Whether there may be a payload of so many bytes. */
  mayBeLength(bytes: number): boolean
  /** Takes in a payload whose CRC is right. false: no program writes such a payload. */
  take(payload: Buffer): boolean
}

/** What became of the records of a file, in any version. */
export interface Frames {
  /**
   * Something is wrong that a crash cannot have left. Everything that could be read was read all the same.
   */
  readonly isDamaged: boolean
  /** It ends within its header or a record, as a crash may leave a file that is being appended to. */
  readonly isTorn: boolean
  readonly records: number
}

/** Goes through the records of a file, and over what is damaged. */
export function readFrames(content: Buffer, layout: Layout): Frames {
  let isDamaged = false
  let isTorn = content.length < FILE_HEADER_BYTES
  let records = 0
  let at = FILE_HEADER_BYTES
  while (at < content.length) {
    const payload = payloadAt(content, at, layout)
    if (payload === 'torn') {
      isTorn = true
      break
    }
    if (payload === 'damaged' || !layout.take(payload)) {
      isDamaged = true
      at = nextMark(content, layout, at + 1)
      continue
    }
    records++
    at += RECORD_HEADER_BYTES + payload.length
  }
  return { isDamaged, isTorn, records }
}

/** Payload of the whole record that starts at `at`, or why there is none. */
function payloadAt(content: Buffer, at: number, { mark, mayBeLength }: Layout): Buffer | 'torn' | 'damaged' {
  const left = content.length - at
  const markBytes = Math.min(mark.length, left)
  if (!mark.subarray(0, markBytes).equals(content.subarray(at, at + markBytes))) return 'damaged'
  if (left < RECORD_HEADER_BYTES) return 'torn'
  const bytes = content.readUInt32LE(at + 4)
  if (content.readUInt32LE(at + 8) !== ~bytes >>> 0) return 'damaged'
  if (bytes > MAX_PAYLOAD_BYTES || !mayBeLength(bytes)) return 'damaged'
  if (left < RECORD_HEADER_BYTES + bytes) return 'torn'
  const payload = content.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + bytes)
  return crc32(payload) === content.readUInt32LE(at + 12) ? payload : 'damaged'
}

/** Where the next record may start; the end of the content when none does. */
function nextMark(content: Buffer, { mark }: Layout, from: number): number {
  const found = content.indexOf(mark, from)
  return found < 0 ? content.length : found
}
