import { readSamples, samplesVersion } from '../books/samples.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

const EVERY_SECONDS = 1

/** The document of /health/history, which schema.ts describes. It is written once for each sample, however many ask. */
export class HistoryText {
  readonly #memory: SharedMemory
  #version = -1
  #text = ''

  constructor(memory: SharedMemory) {
    this.#memory = memory
  }

  latest(): string {
    // Before the samples are read: one that comes in between is then read again next time.
    const version = samplesVersion(this.#memory)
    if (version !== this.#version) {
      this.#text = historyText(this.#memory)
      this.#version = version
    }
    return this.#text
  }
}

function historyText(memory: SharedMemory): string {
  const { toSecond, columns } = readSamples(memory)
  const to = toSecond === null ? null : new Date(toSecond * 1000).toISOString()
  return JSON.stringify({ everySeconds: EVERY_SECONDS, to, samples: columns })
}
