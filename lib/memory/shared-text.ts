import { TEXT_BYTES, TEXT_HEADER_WORDS, type TextName } from './layout.ts'
import type { SharedMemory } from './shared-memory.ts'

/**
 * Short texts in shared memory: a version word, a word with the length in bytes, then UTF-8. Main writes, any
 * thread reads. What does not fit is cut off after a whole character.
 *
 * The version is odd while the text changes. If the first add were missing, or the second one came before the
 * text, a reader could take a mixture of two texts for one.
 */
export function writeText(memory: SharedMemory, name: TextName, text: string): void {
  const version = memory.textIndex(name)
  const bytes = Buffer.from(memory.handle.buffer, textBytesAt(version), TEXT_BYTES)
  Atomics.add(memory.i32, version, 1)
  // Buffer's write never ends within a character. A cut of the encoded text could.
  Atomics.store(memory.i32, version + 1, bytes.write(text))
  Atomics.add(memory.i32, version, 1)
}

/** null when the text is empty. */
export function readText(memory: SharedMemory, name: TextName): string | null {
  const version = memory.textIndex(name)
  for (;;) {
    const before = Atomics.load(memory.i32, version)
    const length = Atomics.load(memory.i32, version + 1)
    // A copy is decoded, because a decoder must not meet bytes that change under it.
    const bytes = Buffer.copyBytesFrom(memory.u8, textBytesAt(version), length)
    // An add of nothing instead of a load: on some processors the copy could be made after a load.
    if (before % 2 === 0 && Atomics.add(memory.i32, version, 0) === before)
      return length === 0 ? null : bytes.toString()
  }
}

function textBytesAt(versionIndex: number): number {
  return (versionIndex + TEXT_HEADER_WORDS) * 4
}
