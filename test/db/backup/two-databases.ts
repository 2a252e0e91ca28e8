import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { COPY_LIMITS } from '../../../db/backup/copy.ts'
import { restoreBackup } from '../../../db/backup/restore.ts'
import { writeBackup } from '../../../db/backup/write.ts'
import { connect, discard } from '../../../db/connection/connect.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

interface TwoDatabases {
  readonly database: TestDatabase
  /** Connected to it. */
  readonly client: pg.Client
  readonly other: TestDatabase
  /** Connected to the other one. */
  readonly elsewhere: pg.Client
}

/**
 * Makes two databases for each of the tests that this is called among, and hands them to `take`. What it returns backs
 * one up into a file, and restores that.
 */
export function useTwoDatabases(take: (made: TwoDatabases) => void) {
  let directory: string
  let made: TwoDatabases
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-backup-'))
    const [database, other] = [await createTestDatabase(), await createTestDatabase()]
    const open = ({ server }: TestDatabase) => connect(server, 'clickcounter test', COPY_LIMITS)
    made = { database, other, client: await open(database), elsewhere: await open(other) }
    take(made)
  })
  afterEach(async () => {
    for (const each of [made.client, made.elsewhere]) discard(each)
    await Promise.all([made.database.drop(), made.other.drop()])
    await rm(directory, { recursive: true })
  })

  const file = () => join(directory, 'file')
  return {
    file,
    backUp: (from: pg.Client) => writeBackup(from, file(), () => {}),
    restore: (to: pg.Client, isReplacing = true) =>
      restoreBackup(to, file(), { isReplacing, onProgress: () => {} }),
  }
}
