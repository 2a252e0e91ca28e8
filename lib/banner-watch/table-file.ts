import { type FileHandle, open, stat } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { BannerTable } from '../banners/banner-table.ts'
import { newTableMemory } from '../banners/table-builder.ts'
import {
  FORMAT,
  HEADER_BYTES,
  MAGIC,
  MAX_TABLE_BYTES,
  NUMBER,
  SLOT_WORDS,
  WORD,
} from '../banners/table-layout.ts'

/** Of a table, in one step: some tenths of a millisecond of this thread. */
const PIECE_BYTES = 1024 * 1024
const CRC_BYTES = 4

/** A file with a table: its bytes, and then their CRC-32, lowest byte first. */
export async function writeTable(file: FileHandle, table: BannerTable): Promise<void> {
  let crc = 0
  for (let offset = 0; offset < table.bytes; offset += PIECE_BYTES) {
    const piece = pieceOf(table.buffer, offset, table.bytes)
    crc = crc32(piece, crc)
    await file.writeFile(piece)
  }
  const end = Buffer.alloc(CRC_BYTES)
  end.writeUInt32LE(crc)
  await file.writeFile(end)
}

/** Throws when there is none, and when it is damaged, of a newer version, or none that `writeTable` wrote. */
export async function readTable(path: string): Promise<{ table: BannerTable; modifiedAtMs: number }> {
  // To open a FIFO would wait for its other end.
  if (!(await stat(path)).isFile()) throw new Error('it is none that this service writes')
  await using file = await open(path)
  const { size, mtimeMs } = await file.stat()
  const bytes = size - CRC_BYTES
  if (bytes > MAX_TABLE_BYTES) throw new Error('it is none that this service writes')
  const memory = newTableMemory()
  // The header first: a large file that is no table is not read.
  await readInto(new Uint8Array(memory, 0, HEADER_BYTES), file, 0)
  expectHeader(memory, bytes)
  memory.grow(bytes)
  let crc = 0
  for (let offset = 0; offset < bytes; offset += PIECE_BYTES) {
    const piece = pieceOf(memory, offset, bytes)
    await readInto(piece, file, offset)
    crc = crc32(piece, crc)
  }
  const end = Buffer.alloc(CRC_BYTES)
  await readInto(end, file, bytes)
  if (end.readUInt32LE() !== crc) throw new Error('it is damaged')
  return { table: new BannerTable(memory), modifiedAtMs: mtimeMs }
}

/** Fills the bytes from this place of the file. */
async function readInto(bytes: Uint8Array, file: FileHandle, position: number): Promise<void> {
  for (let read = 0; read < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, read, bytes.length - read, position + read)
    if (bytesRead === 0) throw new Error('it is damaged')
    read += bytesRead
  }
}

function pieceOf(buffer: SharedArrayBuffer, offset: number, bytes: number): Uint8Array {
  return new Uint8Array(buffer, offset, Math.min(PIECE_BYTES, bytes - offset))
}

/** Throws when the header does not belong to a table of so many bytes. What it says of its size is right then. */
function expectHeader(memory: SharedArrayBuffer, bytes: number): void {
  const words = new Uint32Array(memory, 0, HEADER_BYTES / 4)
  const format = words[WORD.format]!
  if (words[WORD.magic] === MAGIC && format > FORMAT)
    throw new Error(`it has format ${format}, and this version knows ${FORMAT}`)
  const slots = words[WORD.slots]!
  const isWhole =
    words[WORD.magic] === MAGIC &&
    format === FORMAT &&
    new Float64Array(memory, 0, HEADER_BYTES / 8)[NUMBER.bytes] === bytes &&
    HEADER_BYTES + slots * SLOT_WORDS * 4 <= bytes
  if (!isWhole) throw new Error('it is damaged')
}
