import { expect } from 'chai'
import { readSamples, type Sample, samplesVersion, writeSample } from '../../lib/books/samples.ts'
import { CONTROL, SAMPLE_FIELDS, SAMPLE_SECONDS } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { beforeEachOperation } from '../support/atomics.ts'

const START = Date.parse('2024-12-12T10:00:30Z') / 1000

describe('samples', () => {
  let memory: SharedMemory
  /** A sample with the same value in each figure. */
  const write = (atSeconds: number, value: number | null) =>
    writeSample(memory, {
      atSeconds,
      ...Object.fromEntries(SAMPLE_FIELDS.map(name => [name, value])),
    } as Sample)
  const read = () => {
    const { toSecond, columns } = readSamples(memory)
    for (const name of SAMPLE_FIELDS) expect(columns[name], name).to.deep.equal(columns.stored)
    return { toSecond, stored: columns.stored }
  }
  beforeEach(() => {
    memory = SharedMemory.create({ threadCount: 2, maxBanners: 1 })
  })

  it('begin with none', () => {
    expect(read()).to.deep.equal({ toSecond: null, stored: [] })
  })

  it('are those since the start, with null for a figure that is not known and for a second that has no sample', () => {
    write(START, 2 ** 53)
    write(START + 1.9, null)
    write(START + 5, 0.5)
    expect(read()).to.deep.equal({
      toSecond: START + 5,
      stored: [2 ** 53, null, null, null, null, 0.5],
    })
  })

  it('are those of the last 15 minutes, round after round', () => {
    for (let second = 0; second < 3 * SAMPLE_SECONDS + 7; second++) {
      write(START + second, second)
      const first = Math.max(0, second - SAMPLE_SECONDS + 1)
      if (second % 97 === 0)
        expect(read()).to.deep.equal({
          toSecond: START + second,
          stored: Array.from({ length: second - first + 1 }, (_, index) => first + index),
        })
    }
    // After a long sleep of the machine.
    write(START + 1e6, 1)
    expect(read()).to.deep.equal({ toSecond: START + 1e6, stored: [1] })
  })

  it('are none of the future when the clock was put back', () => {
    for (let second = 0; second < 100; second++) write(START + second, second)
    write(START + 10, 1010)
    expect(read().stored).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1010])
    write(START - 5000, 1)
    expect(read()).to.deep.equal({ toSecond: START - 5000, stored: [1] })
  })

  it('are whole for a reader who is overtaken, wherever that is', () => {
    let accesses = 0
    const count = () => void accesses++
    write(START, 1)
    beforeEachOperation(['load', 'add'], count, read)
    expect(accesses).to.equal(2)
    for (let overtakenAt = 1; overtakenAt <= 2; overtakenAt++) {
      write(START, 1)
      let access = 0
      const overtake = () => {
        if (++access === overtakenAt) write(START, 2)
      }
      expect(beforeEachOperation(['load', 'add'], overtake, read).stored).to.deep.equal([2])
    }
  })

  it('wait for main to finish one', () => {
    write(START, 1)
    const half = samplesVersion(memory) + 1
    Atomics.store(memory.i32, CONTROL.samplesVersion, half)
    memory.f64[memory.samplesIndex + (START % SAMPLE_SECONDS) * (1 + SAMPLE_FIELDS.length) + 1] = 2
    let accesses = 0
    const finishLater = () => {
      if (++accesses < 10) return
      write(START, 3)
      Atomics.store(memory.i32, CONTROL.samplesVersion, half + 1)
    }
    expect(beforeEachOperation(['load', 'add'], finishLater, read).stored).to.deep.equal([3])
  })
})
