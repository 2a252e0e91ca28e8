import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ClickCounterError } from '../../../lib/base/errors.ts'
import type { WantedBanner } from '../write-banners.ts'

/** Banners that are read, compared and written together: a thread that answers clicks as well needs 2 ms for them. */
const BATCH_BANNERS = 250
/** More than that goes to a file. */
const MAX_MEMORY_BYTES = 8 * 2 ** 20

/** A batch in JSON: in memory, or its place in the file. */
type Batch = Buffer | { readonly position: number; readonly bytes: number }

/**
 * Holds the checked banners of an import until Postgres takes them, in memory or in a file. So whoever sends slowly
 * holds no connection and no lock.
 */
export class Spool implements AsyncDisposable {
  readonly #directory: string
  readonly #batches: Batch[] = []
  #open: WantedBanner[] = []
  #memoryBytes = 0
  #file: FileHandle | null = null
  #fileBytes = 0

  /** The directory takes the file, which has no name there once it is open: it goes with this process. */
  constructor(directory: string) {
    this.#directory = directory
  }

  async add(banner: WantedBanner): Promise<void> {
    if (this.#open.push(banner) === BATCH_BANNERS) await this.#put()
  }

  /** In their order, some at a time. It may be read several times, and nothing is added any more. */
  async *batches(): AsyncGenerator<readonly WantedBanner[], void> {
    for (const batch of this.#batches) yield JSON.parse((await this.#read(batch)).toString())
    if (this.#open.length > 0) yield this.#open
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close()
  }

  async #put(): Promise<void> {
    const batch = Buffer.from(JSON.stringify(this.#open))
    this.#open = []
    if (this.#memoryBytes + batch.length <= MAX_MEMORY_BYTES) {
      this.#memoryBytes += batch.length
      this.#batches.push(batch)
      return
    }
    try {
      this.#file ??= await openNameless(this.#directory)
      await this.#file.appendFile(batch)
    } catch (error) {
      throw unspooled((error as NodeJS.ErrnoException).code, error)
    }
    this.#batches.push({ position: this.#fileBytes, bytes: batch.length })
    this.#fileBytes += batch.length
  }

  async #read(batch: Batch): Promise<Buffer> {
    if (Buffer.isBuffer(batch)) return batch
    const { buffer, bytesRead } = await this.#file!.read({
      buffer: Buffer.alloc(batch.bytes),
      position: batch.position,
    })
    if (bytesRead < batch.bytes) throw unspooled('it is shorter than it was')
    return buffer
  }
}

async function openNameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `import-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  await unlink(path)
  return file
}

function unspooled(why: string | undefined, cause?: unknown): ClickCounterError {
  return new ClickCounterError(
    'IMPORT_UNSPOOLED',
    `there is no place to keep the import until all of it is read (${why}): nothing was changed, free some space or send less`,
    { cause },
  )
}
