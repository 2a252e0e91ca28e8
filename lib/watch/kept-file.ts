import { type FileHandle, open, rename, rm, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from 'pino'

/**
 * So often the file's time is set to now, while Postgres confirms what is in it, and so often a file that cannot be
 * written is tried again.
 */
const PAUSE_MS = 10_000

interface KeptFileOptions {
  /** Its own time says when Postgres last confirmed what is in it, within 10 s. */
  readonly path: string
  readonly what: 'keys' | 'banners'
  readonly log: Logger
}

/**
 * A copy in DATA_DIR of what Postgres holds, for a start while Postgres is away. Its loss costs nothing else, so
 * whatever is wrong with it is a warning.
 */
export class KeptFile {
  readonly #options: KeptFileOptions
  /** What is in the file, by its token; null: nothing that can be used. */
  #savedToken: string | null = null
  #isFailing = false
  /** No earlier than this, by performance.now(), the file is touched, or tried again. */
  #nextMs = 0

  constructor(options: KeptFileOptions) {
    this.#options = options
  }

  /** What has this token was read from the file. */
  found(token: string): void {
    this.#savedToken = token
  }

  /** The file at `path` could not be read. That there is none is no fault. */
  ignored(path: string, error: unknown): void {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT')
      this.#options.log.warn(`${path} is ignored, and replaced when Postgres answers: ${message}`)
  }

  /**
   * To be called whenever Postgres has confirmed what has this token. `write` writes it into the file, if it is not in
   * it. A failure is logged once, until it is over.
   */
  async confirmed(token: string, write: () => Promise<void>): Promise<void> {
    const { path, what, log } = this.#options
    const isSaved = token === this.#savedToken
    if (performance.now() < this.#nextMs && (isSaved || this.#isFailing)) return
    try {
      if (isSaved) await touch(path)
      else await write()
      this.#savedToken = token
      if (this.#isFailing) log.info(`${path} can be written again`)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing)
        log.warn(
          { err: error },
          `${path} cannot be written: a start while Postgres is away would not know the newest ${what}`,
        )
      this.#isFailing = true
      this.#savedToken = null
    }
    this.#nextMs = performance.now() + PAUSE_MS
  }
}

/**
 * Puts what `write` writes in the place of the file, for its user alone.
 *
 * Beside the old file first, and synced before it gets the name: swapped, a power cut could leave an empty file under
 * it. The directory last: it takes the new name to the disk.
 */
export async function replaceFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const unfinished = `${path}.new`
  try {
    await using file = await open(unfinished, 'w', 0o600)
    await write(file)
    await file.sync()
    await rename(unfinished, path)
  } catch (error) {
    // A full disk has better uses for the room.
    await rm(unfinished, { force: true }).catch(() => {})
    throw error
  }
  await using directory = await open(dirname(path))
  await directory.sync()
}

async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now)
}
