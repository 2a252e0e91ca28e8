import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { bulkOf } from '../../lib/ingest/bulk.ts'
import { Segment } from '../../lib/journal/append/segment.ts'
import { BULK, BULK_PART, TICK } from '../../lib/journal/files/format.ts'
import { clickFile, ticksName } from '../../lib/journal/files/names.ts'
import { readRecords } from '../../lib/journal/files/reading.ts'
import { RecordBuffer } from '../../lib/journal/files/record-buffer.ts'
import { BOT, CLASSES, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import { newRecorder } from '../ingest/new-recorder.ts'
import { temporaryDirectory, WRITER } from './journal-support.ts'

const KEY = { writer: WRITER, firstGeneration: 1, lastGeneration: 1, thread: 0 }
const NAME = ticksName(KEY, 0)
const MINUTE = 5

describe('a bulk with clicks of several classes', () => {
  it('is found whole or not at all, wherever a crash has cut its tick', async () => {
    const content = await tickWithBulk()
    const found = new Set<string>()
    for (let bytes = 0; bytes <= content.length; bytes++) {
      const { clicks, isDamaged } = read(content.subarray(0, bytes))
      expect(isDamaged, `cut at ${bytes}`).to.equal(false)
      found.add(clicks.join(', '))
    }
    expect([...found]).to.deep.equal(['', '1 valid', '1 valid, 2 valid, 3 bot, 4 duplicate'])
  })

  it('keeps the parts that can be read when one of them is damaged, and something was written after it', () => {
    const part = (kind: typeof TICK | typeof BULK | typeof BULK_PART, bannerId: number) => {
      const records = new RecordBuffer()
      records.addPairs({ kind, clickClass: VALID, minute: MINUTE }, Int32Array.of(bannerId, 1))
      return Buffer.from(records.filled)
    }
    const header = new RecordBuffer()
    header.addFileHeader(KEY)
    const damaged = part(BULK, 3)
    damaged[damaged.length - 4]! ^= 1
    const content = [header.filled, part(BULK_PART, 2), damaged, part(TICK, 4)]
    expect(read(Buffer.concat(content))).to.deep.equal({ clicks: ['2 valid', '4 valid'], isDamaged: true })
    expect(read(Buffer.concat(content.slice(0, 2)))).to.deep.equal({ clicks: [], isDamaged: false })
  })
})

/** The file of a tick with a click and a bulk. */
async function tickWithBulk(): Promise<Buffer> {
  using directory = temporaryDirectory()
  const segment = new Segment({ directory: directory.path, writer: WRITER, sync: 'write', threadIndex: 0 })
  const { recorder } = newRecorder({ journal: segment })
  const bulk = bulkOf([{ id: 2 }, { id: 3 }, { id: 4 }], [VALID, BOT, DUPLICATE])
  await Promise.all([recorder.record(1, VALID, 1), recorder.recordAll(bulk)])
  segment.close()
  return readFileSync(join(directory.path, NAME))
}

function read(content: Buffer): { clicks: string[]; isDamaged: boolean } {
  const clicks: string[] = []
  const { isDamaged } = readRecords(
    content,
    clickFile(NAME),
    (_minute, bannerId, clickClass) => {
      clicks.push(`${bannerId} ${CLASSES[clickClass]}`)
    },
    ({ key }) => clicks.push(key),
  )
  return { clicks, isDamaged }
}
