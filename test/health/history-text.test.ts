import { expect } from 'chai'
import { type Sample, writeSample } from '../../lib/books/samples.ts'
import { HistoryText } from '../../lib/health/history-text.ts'
import { healthHistorySchema } from '../../lib/health/schema.ts'
import { SAMPLE_FIELDS, SAMPLE_SECONDS } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'

const START = Date.parse('2024-12-12T10:00:30Z') / 1000
const TEXTS = 100

describe('the history that /health/history tells', () => {
  let memory: SharedMemory
  const write = (second: number, value: number | null) =>
    writeSample(memory, {
      atSeconds: START + second,
      ...Object.fromEntries(SAMPLE_FIELDS.map(name => [name, value])),
    } as Sample)
  const told = (text: HistoryText) => {
    const history = JSON.parse(text.latest())
    expect(healthHistorySchema.validate(history, { convert: false }).error).to.equal(undefined)
    return history
  }
  beforeEach(() => {
    memory = SharedMemory.create({ threadCount: 1, maxBanners: 1 })
  })

  it('is empty at first, and has each sample as soon as it is there', () => {
    const text = new HistoryText(memory)
    expect(told(text)).to.deep.equal({
      everySeconds: 1,
      to: null,
      samples: Object.fromEntries(SAMPLE_FIELDS.map(name => [name, []])),
    })
    write(0, 7)
    write(2, 9.5)
    expect(told(text)).to.deep.include({ to: '2024-12-12T10:00:32.000Z' })
    expect(told(text).samples.delayMs).to.deep.equal([7, null, 9.5])
    expect(text.latest()).to.equal(text.latest())
    write(3, null)
    expect(told(text).samples.delayMs).to.deep.equal([7, null, 9.5, null])
  })

  it('takes less than a millisecond of processor time, once a second however many ask', () => {
    const text = new HistoryText(memory)
    for (let second = 0; second < SAMPLE_SECONDS; second++) write(second, second + 0.123)
    text.latest()
    const before = process.cpuUsage()
    for (let nth = 0; nth < TEXTS; nth++) {
      write(SAMPLE_SECONDS + nth, nth)
      text.latest()
    }
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000 / TEXTS).to.be.below(1)
    const askedAt = process.cpuUsage()
    for (let nth = 0; nth < TEXTS; nth++) text.latest()
    const asked = process.cpuUsage(askedAt)
    expect((asked.user + asked.system) / 1000 / TEXTS).to.be.below(0.1)
  })
})
