import { expect } from 'chai'
import fc from 'fast-check'
import { TEXT_BYTES } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { readText, writeText } from '../../lib/memory/shared-text.ts'
import { Barrier, startWorker } from '../support/worker.ts'

describe('shared text', () => {
  it('is null until something is written, and after nothing is', () => {
    const memory = newMemory()
    expect(readText(memory, 'flushLastError')).to.equal(null)
    writeText(memory, 'flushLastError', 'ECONNREFUSED: connect')
    expect(readText(memory, 'flushLastError')).to.equal('ECONNREFUSED: connect')
    writeText(memory, 'flushLastError', '')
    expect(readText(memory, 'flushLastError')).to.equal(null)
  })

  it('comes back as it was, shorter after longer, each text apart', () => {
    fc.assert(
      fc.property(text({ maxLength: TEXT_BYTES / 4 }), text({ maxLength: TEXT_BYTES / 4 }), (one, other) => {
        const memory = newMemory()
        for (const flush of [one, other, '', one]) {
          writeText(memory, 'flushLastError', flush)
          writeText(memory, 'databaseLastError', other)
          expect(readText(memory, 'flushLastError')).to.equal(flush || null)
          expect(readText(memory, 'databaseLastError')).to.equal(other || null)
        }
      }),
    )
  })

  it('is cut off after the last whole character that fits', () => {
    fc.assert(
      fc.property(text({ minLength: TEXT_BYTES / 2, maxLength: TEXT_BYTES * 2 }), long => {
        const memory = newMemory()
        writeText(memory, 'flushLastError', long)
        writeText(memory, 'databaseLastError', long)
        expect(readText(memory, 'flushLastError')).to.equal(longestThatFits(long))
      }),
    )
  })

  for (const character of ['a', 'é', '€', '😀'])
    it(`takes as many ${character} as its bytes hold`, () => {
      const memory = newMemory()
      const bytes = Buffer.byteLength(character)
      for (let ahead = 0; ahead < bytes; ahead++) {
        writeText(memory, 'flushLastError', 'x'.repeat(ahead) + character.repeat(TEXT_BYTES))
        const fitting = Math.floor((TEXT_BYTES - ahead) / bytes)
        expect(readText(memory, 'flushLastError')).to.equal('x'.repeat(ahead) + character.repeat(fitting))
      }
    })

  it('is read as a whole while another thread writes', async () => {
    const memory = newMemory()
    const barrier = Barrier.for(2)
    const texts = ['a'.repeat(TEXT_BYTES), '€'.repeat(TEXT_BYTES / 3), 'short', '😀'.repeat(20)]
    const writer = startWorker(new URL('./writing-thread.ts', import.meta.url), {
      memory: memory.handle,
      barrier: barrier.handle,
      texts,
    })
    try {
      barrier.pass()
      const seen = new Set<string | null>()
      for (let read = 0; read < 100_000 || seen.size < texts.length; read++)
        seen.add(readText(memory, 'flushLastError'))
      expect([...seen]).to.have.members(texts)
    } finally {
      await writer.end()
    }
  })
})

function newMemory(): SharedMemory {
  return SharedMemory.create({ threadCount: 1, maxBanners: 1 })
}

/** Of characters that take one to four bytes, a byte order mark and a NUL among them. */
function text(lengths: { minLength?: number; maxLength: number }): fc.Arbitrary<string> {
  const character = fc.constantFrom(
    '\0',
    ' ',
    'a',
    '~',
    'é',
    'ß',
    '€',
    '\ufeff',
    '\uffff',
    '😀',
    '\u{10ffff}',
  )
  return fc.array(character, lengths).map(characters => characters.join(''))
}

function longestThatFits(long: string): string {
  let fitting = ''
  for (const character of long) {
    if (Buffer.byteLength(fitting + character) > TEXT_BYTES) break
    fitting += character
  }
  return fitting
}
