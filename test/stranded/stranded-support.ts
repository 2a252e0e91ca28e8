import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ticksName } from '../../lib/journal/files/names.ts'
import { type CommandRun, readCommand } from '../db/commands/command-support.ts'
import { encode, writerName } from '../journal/journal-support.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { environmentOf, type Settings } from '../support/settings.ts'

const COMMAND = fileURLToPath(new URL('../../lib/journal/tools/command.ts', import.meta.url))

/** Runs npm run journal with these operands. The data directory of the settings is one that nobody makes. */
export function runJournal(
  operands: readonly string[],
  settings: Settings,
  nodeOptions: readonly string[] = [],
): Promise<CommandRun> {
  const env = { PATH: process.env.PATH, ...environmentOf({ DATA_DIR: '/nowhere/data', ...settings }) }
  return readCommand(
    spawn(process.execPath, [...nodeOptions, COMMAND, ...operands], { env, timeout: 30_000 }),
  )
}

/** What each test of a suite has anew. */
export class StrandedPlace {
  database!: TestDatabase
  directory!: string

  get dataDir(): string {
    return join(this.directory, 'data')
  }

  get journal(): string {
    return join(this.dataDir, 'journal')
  }

  /** Makes the database and the directory before each test, and removes them after it. */
  readonly useInEachTest = (): this => {
    beforeEach(async () => {
      this.database = await createTestDatabase()
      this.directory = await mkdtemp(join(tmpdir(), 'clickcounter-stranded-'))
    })
    afterEach(async () => {
      await this.database.drop()
      await rm(this.directory, { recursive: true, force: true })
    })
    return this
  }

  readonly store = (path: string, settings: Settings = {}): Promise<CommandRun> =>
    runJournal(['store', path], { DATABASE_URL: this.database.url, ...settings })

  /** A writer's files of one generation each, with a click of banner 1 in that minute. */
  async leave(
    writer: string,
    minute: number,
    generations: readonly number[],
    mark = writerName(writer),
  ): Promise<void> {
    await mkdir(this.journal, { recursive: true })
    await writeFile(join(this.journal, mark), '')
    for (const generation of generations) {
      const key = { writer, firstGeneration: generation, lastGeneration: generation, thread: 0 }
      await writeFile(join(this.journal, ticksName(key, 0)), encode(key, [[minute, new Map([[1, 1]])]]))
    }
  }
}
