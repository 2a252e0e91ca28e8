import { hash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { AccessSnapshot } from '../access/snapshot.ts'
import { KeptFile, replaceFile } from '../watch/kept-file.ts'
import type { Kept } from '../watch/watch.ts'

const NAME = 'access.json'
const FORMAT = 1
/** Some ten times what as many keys and sessions take as there may be. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * The keys in DATA_DIR.
 *
 * `{"format":1,"sha256":"…","snapshot":{…}}`: the hash, in base64url, is that of the snapshot's JSON.
 */
export class AccessFile {
  readonly #path: string
  readonly #file: KeptFile

  constructor(directory: string, log: Logger) {
    this.#path = join(directory, NAME)
    this.#file = new KeptFile({ path: this.#path, what: 'keys', log })
  }

  /** null: there is none, or none that can be used; then the log has a warning. */
  async read(): Promise<Kept<AccessSnapshot> | null> {
    try {
      const file = await stat(this.#path)
      // To open a FIFO would wait for its other end, and to read a huge file would hold up the start.
      if (file.isFIFO() || file.size > MAX_BYTES) throw new Error('it is none that this service writes')
      const snapshot = snapshotIn(await readFile(this.#path, 'utf8'))
      this.#file.found(snapshot.token)
      return { snapshot, confirmedAtMs: file.mtimeMs }
    } catch (error) {
      this.#file.ignored(this.#path, error)
      return null
    }
  }

  /** To be called whenever Postgres has confirmed the snapshot. */
  confirmed(snapshot: AccessSnapshot): Promise<void> {
    const write = () => replaceFile(this.#path, file => file.writeFile(textOf(snapshot)))
    return this.#file.confirmed(snapshot.token, write)
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
