import { type FinalRow, timeOf } from '../../../../db/fleet/final-through.ts'
import { HeldBackError } from '../../../base/errors.ts'
import { listed } from '../../../config/wording.ts'
import { formatTime } from '../../../questions/time.ts'

const INTERVAL_MS = 250

/** Reads how far each instance is. */
type ReadInstances = () => Promise<readonly FinalRow[]>

interface Waiting {
  readonly instant: Date
  readonly reached: PromiseWithResolvers<void>
}

/**
 * Waits for clicks of all instances to be final. However many wait, one of them reads at a time, and between two looks
 * nobody holds a connection.
 */
export class FinalWatch {
  readonly #read: ReadInstances
  readonly #waiting = new Set<Waiting>()
  #instances: readonly FinalRow[] = []
  #isLooking = false
  #timer: NodeJS.Timeout | undefined

  constructor(read: ReadInstances) {
    this.#read = read
  }

  /**
   * Resolves when every click that arrived before the instant is in Postgres. Rejects with HeldBackError when the signal
   * comes first, and as the reading does.
   */
  async through(instant: Date, signal: AbortSignal): Promise<void> {
    const waiting = { instant, reached: Promise.withResolvers<void>() }
    const leave = () => {
      if (this.#waiting.delete(waiting)) waiting.reached.reject(heldBack(instant, this.#instances))
      // Nobody waits for the next look.
      if (this.#waiting.size === 0) clearTimeout(this.#timer)
    }
    signal.throwIfAborted()
    signal.addEventListener('abort', leave, { once: true })
    this.#waiting.add(waiting)
    // The others look again within the interval.
    if (this.#waiting.size === 1 && !this.#isLooking) void this.#look()
    await waiting.reached.promise.finally(() => signal.removeEventListener('abort', leave))
  }

  /** Whether any instance has told how far it is. */
  async isKnown(): Promise<boolean> {
    return (await this.#read()).length > 0
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    try {
      this.#instances = await this.#read()
      for (const { reached } of this.#taken(isFinal(this.#instances))) reached.resolve()
    } catch (error) {
      for (const { reached } of this.#taken(() => true)) reached.reject(error)
    }
    this.#isLooking = false
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => void this.#look(), INTERVAL_MS)
  }

  /** Those who need not wait any longer. */
  #taken(hasEnded: (instant: Date) => boolean): Waiting[] {
    const taken = [...this.#waiting].filter(({ instant }) => hasEnded(instant))
    for (const waiting of taken) this.#waiting.delete(waiting)
    return taken
  }
}

function isFinal(instances: readonly FinalRow[]): (instant: Date) => boolean {
  return instant => instances.length > 0 && behind(instant, instances).length === 0
}

function behind(instant: Date, instances: readonly FinalRow[]): readonly FinalRow[] {
  return instances.filter(({ through }) => through * 1000 < instant.getTime())
}

function heldBack(instant: Date, instances: readonly FinalRow[]): HeldBackError {
  const late = behind(instant, instances).toSorted((one, other) => one.through - other.through)
  const who =
    late[0] === undefined
      ? 'no instance has told how far it is'
      : `they are through ${timeOf(late[0].through)}, held back by ${listed([...new Set(late.map(({ name }) => name))])}`
  return new HeldBackError(
    `Not all clicks through ${formatTime(instant)} are in Postgres yet: ${who}. Ask again later, or without "through".`,
  )
}
