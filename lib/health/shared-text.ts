import { type SharedMemory, type TEXT, TEXT_BYTES, TEXT_HEADER_WORDS } from '../ring/layout.ts'

/**
 * Short texts in shared memory: a version word, odd while the text changes, a word with the length in bytes,
 * then UTF-8. One writer (main); any thread reads.
 */
export function writeText(memory: SharedMemory, name: keyof typeof TEXT, text: string): void {
  const version = memory.textIndex(name)
  const bytes = new TextEncoder().encode(text).subarray(0, TEXT_BYTES)
  Atomics.add(memory.i32, version, 1)
  memory.u8.set(bytes, (version + TEXT_HEADER_WORDS) * 4)
  Atomics.store(memory.i32, version + 1, bytes.length)
  Atomics.add(memory.i32, version, 1)
}

/** null when the text is empty. */
export function readText(memory: SharedMemory, name: keyof typeof TEXT): string | null {
  const version = memory.textIndex(name)
  for (;;) {
    const before = Atomics.load(memory.i32, version)
    const start = (version + TEXT_HEADER_WORDS) * 4
    // slice copies: a decoder takes no shared memory.
    const bytes = memory.u8.slice(start, start + Atomics.load(memory.i32, version + 1))
    if (before % 2 === 0 && Atomics.load(memory.i32, version) === before)
      return bytes.length === 0 ? null : new TextDecoder().decode(bytes)
  }
}
