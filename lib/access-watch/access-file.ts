import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { open, rename, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { AccessSnapshot } from '../access/snapshot.ts'

const NAME = 'access.json'
const FORMAT = 1
/** Some ten times what as many keys and sessions take as there may be. */
const MAX_BYTES = 16 * 1024 * 1024
/**
 * So often the file's time is set to now, while Postgres confirms what is in it, and so often a file that cannot be
 * written is tried again.
 */
const PAUSE_MS = 10_000

interface KeptAccess {
  readonly snapshot: AccessSnapshot
  /** When Postgres last confirmed it, within 10 s; milliseconds since the epoch. */
  readonly confirmedAtMs: number
}

/**
 * The keys in DATA_DIR, for a start while Postgres is away. It is a copy, so its loss costs nothing else, and
 * whatever is wrong with it is a warning. Its own time says when Postgres last confirmed what is in it.
 *
 * `{"format":1,"sha256":"…","snapshot":{…}}`: the hash, in base64url, is that of the snapshot's JSON.
 */
export class AccessFile {
  readonly #directory: string
  readonly #path: string
  readonly #log: Logger
  /** What is in the file. */
  #savedToken: string | null = null
  #isFailing = false
  /** No earlier than this, by performance.now(), the file is touched, or tried again. */
  #nextMs = 0

  constructor(directory: string, log: Logger) {
    this.#directory = directory
    this.#path = join(directory, NAME)
    this.#log = log
  }

  /** null: there is none, or none that can be used; then the log has a warning. */
  read(): KeptAccess | null {
    try {
      const file = statSync(this.#path)
      // To open a FIFO would wait for its other end, and to read a huge file would hold up the start.
      if (file.isFIFO() || file.size > MAX_BYTES) throw new Error('it is none that this service writes')
      const snapshot = snapshotIn(readFileSync(this.#path, 'utf8'))
      this.#savedToken = snapshot.token
      return { snapshot, confirmedAtMs: file.mtimeMs }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT')
        this.#log.warn(`${this.#path} is ignored, and replaced when Postgres answers: ${message}`)
      return null
    }
  }

  /** To be called whenever Postgres has confirmed the snapshot. A failure is logged once, until it is over. */
  async confirmed(snapshot: AccessSnapshot): Promise<void> {
    const isSaved = snapshot.token === this.#savedToken
    if (performance.now() < this.#nextMs && (isSaved || this.#isFailing)) return
    try {
      if (isSaved) await this.#touch()
      else await this.#write(snapshot)
      if (this.#isFailing) this.#log.info(`${this.#path} can be written again`)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing)
        this.#log.warn(
          { err: error },
          `${this.#path} cannot be written: a start while Postgres is away would not know the newest keys`,
        )
      this.#isFailing = true
      this.#savedToken = null
    }
    this.#nextMs = performance.now() + PAUSE_MS
  }

  async #touch(): Promise<void> {
    const now = new Date()
    await utimes(this.#path, now, now)
  }

  /**
   * Beside the old file first, and synced before it gets the name: swapped, a power cut could leave an empty file
   * under it. The directory last: it takes the new name to the disk.
   */
  async #write(snapshot: AccessSnapshot): Promise<void> {
    const unfinished = `${this.#path}.new`
    await using file = await open(unfinished, 'w', 0o600)
    await file.writeFile(textOf(snapshot))
    await file.sync()
    await rename(unfinished, this.#path)
    await using directory = await open(this.#directory)
    await directory.sync()
    this.#savedToken = snapshot.token
  }
}

function textOf(snapshot: AccessSnapshot): string {
  return `${JSON.stringify({ format: FORMAT, sha256: hashOf(snapshot), snapshot })}\n`
}

/** Throws when it is damaged, or of a newer version. What has its hash was written by `textOf`. */
function snapshotIn(text: string): AccessSnapshot {
  const { format, sha256, snapshot } = parsed(text)
  if (typeof format === 'number' && format > FORMAT)
    throw new Error(`it has format ${format}, and this version knows ${FORMAT}`)
  if (format !== FORMAT || sha256 !== hashOf(snapshot)) throw new Error('it is damaged')
  return snapshot as AccessSnapshot
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    // A JSON text of null has no fields.
    return JSON.parse(text) ?? {}
  } catch {
    // Not the parser's message, which quotes the text.
    return {}
  }
}

function hashOf(snapshot: unknown): string {
  return hash('sha256', JSON.stringify(snapshot) ?? '', 'base64url')
}
