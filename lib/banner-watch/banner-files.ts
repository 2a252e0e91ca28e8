import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { BannerTable, type BannerTables } from '../banners/banner-table.ts'
import { collectGarbage } from '../base/collect-garbage.ts'
import { KeptFile, replaceFile } from '../watch/kept-file.ts'
import type { Kept } from '../watch/watch.ts'
import { emptyOverlay } from './merge.ts'
import { servesAgain } from './overlay-memory.ts'
import { readTable, writeTable } from './table-file.ts'

/**
 * The banners in DATA_DIR: `banners.base` with the base, and `banners.changes` with the overlay, which names its base
 * and is small. So a change costs the disk little.
 */
export class BannerFiles {
  readonly #basePath: string
  readonly #changesPath: string
  readonly #changesFile: KeptFile
  /** The token of the base in the file; null: none that can be used. */
  #savedBase: string | null = null

  constructor(directory: string, log: Logger) {
    this.#basePath = join(directory, 'banners.base')
    this.#changesPath = join(directory, 'banners.changes')
    this.#changesFile = new KeptFile({ path: this.#changesPath, what: 'banners', log })
  }

  /** null: there are none, or none that can be used; then the log has a warning. */
  async read(): Promise<Kept<BannerTables> | null> {
    // What a killed process has left of a file takes room, and is never read.
    for (const path of [this.#basePath, this.#changesPath])
      await rm(`${path}.new`, { force: true }).catch(() => {})
    const base = await this.#tableIn(this.#basePath)
    if (base === null) return null
    if (base.table.baseToken !== null) {
      this.#changesFile.ignored(this.#basePath, new Error('it holds changes, and not what they change'))
      return null
    }
    this.#savedBase = base.table.token
    const changes = await this.#tableIn(this.#changesPath)
    // A process that was killed between the two files has left an overlay of the base before.
    if (changes === null || changes.table.baseToken !== base.table.token)
      return {
        snapshot: { base: base.table, overlay: await emptyOverlay(base.table) },
        confirmedAtMs: base.modifiedAtMs,
      }
    this.#changesFile.found(nameOf({ base: base.table, overlay: changes.table }))
    return { snapshot: { base: base.table, overlay: changes.table }, confirmedAtMs: changes.modifiedAtMs }
  }

  /** To be called whenever Postgres has confirmed the tables. */
  confirmed(tables: BannerTables): Promise<void> {
    return this.#changesFile.confirmed(nameOf(tables), () => this.#write(tables))
  }

  /** The base first: with the overlay first, a process that is killed in between would leave two that do not match. */
  async #write({ base, overlay }: BannerTables): Promise<void> {
    // A copy, made before anything is waited for: another overlay may be built in the buffer meanwhile. A large one,
    // where none will be, is not copied: it would hold main up.
    const changes = servesAgain(overlay.buffer) ? new BannerTable(copyOf(overlay)) : overlay
    // Somebody may have deleted it: the changes alone would be of no use.
    const isThere = await access(this.#basePath).then(
      () => true,
      () => false,
    )
    if (this.#savedBase !== base.token || !isThere) {
      this.#savedBase = null
      // After it is written, or cannot be: until then main refers to this base, although yet another one may be in
      // force. Without it, each base would stay in memory when another one has taken its place.
      await replaceFile(this.#basePath, file => writeTable(file, base)).finally(collectGarbage)
      this.#savedBase = base.token
    }
    await replaceFile(this.#changesPath, file => writeTable(file, changes))
  }

  async #tableIn(path: string): Promise<Awaited<ReturnType<typeof readTable>> | null> {
    try {
      return await readTable(path)
    } catch (error) {
      this.#changesFile.ignored(path, error)
      return null
    }
  }
}

/** What is in both files. */
function nameOf({ base, overlay }: BannerTables): string {
  return `${base.token} ${overlay.token}`
}

function copyOf({ buffer, bytes }: BannerTable): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(bytes)
  new Uint8Array(copy).set(new Uint8Array(buffer, 0, bytes))
  return copy
}
