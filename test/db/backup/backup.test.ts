import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { COPY_LIMITS } from '../../../db/backup/copy.ts'
import { readBackup } from '../../../db/backup/read.ts'
import { restoreBackup } from '../../../db/backup/restore.ts'
import { writeBackup } from '../../../db/backup/write.ts'
import { connect, discard } from '../../../db/connection/connect.ts'
import { migrate } from '../../../db/schema/migrate.ts'
import { VERSION_TABLE } from '../../../db/schema/schema.ts'
import { isBackedUp } from '../../../db/schema/tables.ts'
import { newestVersion } from '../../../db/schema/versions.ts'
import type { ClickCounterError } from '../../../lib/base/errors.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

/** The version of the schema that brought the columns `bots` and `duplicates`. */
const VERSION_OF_CLASSES = 5

describe('a backup', () => {
  let directory: string
  let source: TestDatabase
  let target: TestDatabase
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-backup-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))
  beforeEach(async () => {
    source = await createTestDatabase()
    target = await createTestDatabase({ isMigrated: false })
  })
  afterEach(() => Promise.all([source.drop(), target.drop()]))

  let files = 0
  const newFile = () => join(directory, `${++files}.backup`)
  const on = async <T>(
    { server }: TestDatabase,
    use: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>,
  ) => {
    const client = await connect(server, 'clickcounter test', COPY_LIMITS)
    try {
      return await use(client)
    } finally {
      discard(client)
    }
  }
  const backUp = async (database: TestDatabase, path = newFile()) => {
    await on(database, client => writeBackup(client, path, () => {}))
    return path
  }
  const restore = (database: TestDatabase, path: string, isReplacing = false) =>
    on(database, client => restoreBackup(client, path, { isReplacing, onProgress: () => {} }))
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => expect.fail('was not refused'),
      (error: ClickCounterError) => error,
    )
  /** All rows of all tables that a backup holds, by table. */
  const content = async (database: TestDatabase) => {
    const tables = await database.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
         AND relname <> '${VERSION_TABLE}'`,
    )
    const rows: Record<string, string[]> = {}
    for (const { name } of tables.filter(isBackedUp)) {
      const found = await database.query<{ row: string }>(
        `SELECT to_jsonb(t)::text AS row FROM ${name} AS t ORDER BY 1`,
      )
      rows[name] = found.map(({ row }) => row)
    }
    return rows
  }
  const fill = async () => {
    await source.storeMinutes(`
      SELECT banner, minute, 9223372036854775807 / 1440 - banner, 9223372036854775807 / 1440 - 2 * banner, banner
      FROM generate_series(1, 50) AS banner, generate_series('2024-12-12Z'::timestamptz, '2024-12-12T01:00Z', '1 minute') AS minute`)
    await source.query(`
      INSERT INTO click_imports VALUES (gen_random_uuid(), 'sha', 'old clicks.csv', '2024-12-12T10:00:00.123456Z', 1, 2);
      INSERT INTO click_imported VALUES (7, '2024-12-11Z', 'day', gen_random_uuid(), 2);
      INSERT INTO click_ledger (writer, generation, updated_at) VALUES (gen_random_uuid(), 7, '2024-12-12T10:00:00.123456Z');
      INSERT INTO bulk_keys VALUES (E'a\\\\b"N', gen_random_uuid(), gen_random_uuid(), 7, '2024-12-12T10:00:00.123456Z');
      INSERT INTO access_keys (id, name, hash, scopes, created_at, created_by)
      VALUES (gen_random_uuid(), 'a shop', 'hash', '{count,read}', '2024-12-12T10:00:00.123456Z', 'shell');
      INSERT INTO banners (id, name, target, labels, pass_query, is_active, active_from, version, updated_at, updated_by)
      VALUES (7, E'a\\\\b "c"', null, '{"x y",NULL}', '{}', true, '2024-12-12T10:00:00.123456Z', gen_random_uuid(), now(), 'shell');
      INSERT INTO banner_changes VALUES (7, 1, null, '{"name": "a"}')`)
  }

  it('brings every row of every table back, under any settings of the role', async () => {
    await fill()
    for (const { server, query } of [source, target])
      await query(
        `ALTER DATABASE ${server.name} SET DateStyle = 'German'; ALTER DATABASE ${server.name} SET TimeZone = 'Asia/Kathmandu'`,
      )
    const expected = await content(source)
    for (const [table, rows] of Object.entries(expected))
      expect(rows, `${table} has to have rows here for this test to mean anything`).not.to.deep.equal([])
    const path = await backUp(source)
    await restore(target, path)
    expect(await content(target)).to.deep.equal(expected)
    const { rows } = await readBackup(path, {})
    expect(rows).to.have.all.keys(...Object.keys(expected))
    expect(await migrate(target.server, { kind: 'up' })).to.deep.equal([])
  })

  it('holds one moment, whatever is stored meanwhile', async () => {
    await fill()
    await source.query('TRUNCATE click_ledger, click_minutes')
    let isDone = false
    const writing = on(source, async client => {
      // As a flush does. The number of the generation is the number of clicks.
      await client.query(
        'INSERT INTO click_ledger (writer, generation, updated_at) VALUES (gen_random_uuid(), 0, now())',
      )
      while (!isDone)
        await client.query(`BEGIN; UPDATE click_ledger SET generation = generation + 1;
          INSERT INTO click_minutes
          SELECT 1, '2024-12-12Z'::timestamptz + generation * interval '1 minute', 1, 0, 0 FROM click_ledger; COMMIT`)
    })
    for (let round = 0; round < 5; round++) {
      await restore(target, await backUp(source), true)
      const [counted] = await target.query<{ clicks: string; generation: string }>(
        'SELECT (SELECT count(*) FROM click_minutes) AS clicks, (SELECT sum(generation) FROM click_ledger) AS generation',
      )
      expect(Number(counted!.clicks)).to.equal(Number(counted!.generation ?? 0))
    }
    isDone = true
    await writing
  })

  it('of every earlier version of the tables is brought to the newest', async () => {
    await fill()
    const newest = await newestVersion()
    const { click_minutes } = await content(source)
    const withoutClasses = click_minutes!.map(row => row.replace(/"(bots|duplicates)": \d+/g, '"$1": 0'))
    for (let version = newest; version >= 1; version--) {
      const path = await backUp(source)
      expect((await readBackup(path, {})).header.schemaVersion).to.equal(version)
      await restore(target, path, true)
      expect((await content(target)).click_minutes).to.deep.equal(
        version < VERSION_OF_CLASSES ? withoutClasses : click_minutes,
      )
      expect(await migrate(target.server, { kind: 'up' })).to.deep.equal([])
      await migrate(source.server, { kind: 'down', steps: 1 })
    }
    const { code } = await refusal(backUp(source))
    expect(code).to.equal('NO_TABLES')
  })

  it('mends tables that are missing or have lost a column', async () => {
    await fill()
    const expected = await content(source)
    const path = await backUp(source)
    await source.query('DROP TABLE click_ledger; ALTER TABLE click_minutes DROP COLUMN clicks')
    await restore(source, path, true)
    expect(await content(source)).to.deep.equal(expected)
  })

  it('goes only where there are no rows, unless they are to be replaced', async () => {
    await fill()
    const path = await backUp(source)
    await source.query('UPDATE click_minutes SET clicks = 1')
    const changed = await content(source)
    const { code, message } = await refusal(restore(source, path))
    expect({ code, message }).to.deep.include({ code: 'TABLES_OCCUPIED' })
    expect(message).to.match(/click_minutes with 3050 rows.*--replace/)
    expect(await content(source)).to.deep.equal(changed)
    await migrate(target.server, { kind: 'up' })
    await restore(target, path)
    expect(await content(target)).not.to.deep.equal(changed)
  })

  it('is a new file, for the owner alone, and none at all when it is not complete', async () => {
    await fill()
    const path = await backUp(source)
    const before = await readFile(path)
    expect((await refusal(backUp(source, path))).message).to.match(/is there already/)
    expect(await readFile(path)).to.deep.equal(before)
    expect((await refusal(backUp(source, join(directory, 'no', 'way')))).code).to.equal('BACKUP_UNWRITABLE')
    const other = newFile()
    const failing = on(source, client =>
      writeBackup(client, other, () => {
        throw new Error('broken off')
      }),
    )
    expect((await refusal(failing)).message).to.equal('broken off')
    expect([other, `${other}.partial`].filter(existsSync)).to.deep.equal([])
  })

  describe('that is', () => {
    let text: string
    let whole: Buffer
    beforeEach(async () => {
      await source.storeMinutes("VALUES (1, '2024-12-12T10:00Z', 7), (2, '2024-12-12T10:00Z', 9)")
      whole = await readFile(await backUp(source))
      text = gunzipSync(whole).toString()
    })

    async function expectRefused(files: readonly (Buffer | string)[], code: string) {
      const before = await content(source)
      const path = newFile()
      for (const bytes of files) {
        await writeFile(path, bytes)
        const error = await refusal(restore(source, path, true))
        expect(error.code, `${error.stack}`).to.equal(code)
      }
      expect(await content(source)).to.deep.equal(before)
    }
    /** Changes the text, and makes the digest right again. */
    const forged = (change: (text: string) => string) => {
      const [body = '', end = ''] = change(text).split('-- clickcounter end ')
      const sha256 = createHash('sha256').update(body).digest('hex')
      return gzipSync(`${body}-- clickcounter end ${JSON.stringify({ ...JSON.parse(end), sha256 })}\n`)
    }

    it('cut off is refused, and nothing is changed', async () => {
      const steps = Array.from({ length: 12 }, (_, nth) => Math.floor((whole.length * nth) / 12))
      const lines = text.split(/(?<=\n)/)
      await expectRefused(
        [
          ...steps.map(length => whole.subarray(0, length)),
          // The gzip file itself is complete.
          ...lines.map((_, nth) => gzipSync(lines.slice(0, nth).join(''))),
        ],
        'BACKUP_DAMAGED',
      )
    })

    it('changed, or something else, is refused, and nothing is changed', async () => {
      const flipped = Array.from({ length: 12 }, (_, nth) => {
        const bytes = Buffer.from(whole)
        // After gzip's header, which contains a time that nobody checks.
        bytes[10 + Math.floor(((bytes.length - 10) * nth) / 12)]! ^= 1
        return bytes
      })
      const changed = [
        text.replace('\t7\t', '\t8\t'),
        text.replace(/^1\t.*\n/m, ''),
        `${text}more`,
        text.replace('"format":1', '"format":2'),
        'CREATE TABLE click_minutes (a int);\n',
        '',
      ]
      await expectRefused(
        [...flipped, ...changed.map(each => gzipSync(each)), text, '', 'no'],
        'BACKUP_DAMAGED',
      )
    })

    it('made up is refused, and nothing is changed', async () => {
      await expectRefused(
        [forged(text => text.replace(/"schemaVersion":\d+/, '"schemaVersion":99'))],
        'BACKUP_TOO_NEW',
      )
      await expectRefused(
        [
          forged(text => text.replaceAll('click_ledger', 'pg_authid')),
          forged(text => text.replaceAll('clicks"', 'hits"').replace('clicks, bots', 'hits, bots')),
        ],
        'BACKUP_FOREIGN',
      )
      await expectRefused(
        [
          forged(text => text.replaceAll('click_ledger', 'a; DROP TABLE b')),
          // It would change what the terminal shows.
          forged(text => text.replace(/"program":"[^"]*"/, '"program":"\\u001b[31m"')),
        ],
        'BACKUP_DAMAGED',
      )
      // A row that Postgres refuses.
      await expectRefused([forged(text => text.replace('\t7\t', '\tmany\t'))], '22P02')
    })

    it('sound is not blamed for a connection that breaks', async () => {
      const path = newFile()
      await writeFile(path, whole)
      const failed = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
      const reading = readBackup(path, { table: () => Promise.reject(failed) })
      expect(await reading.catch(error => error)).to.equal(failed)
    })

    it('not there, or a pipe, which has it only once, is refused', async () => {
      const pipe = newFile()
      await promisify(execFile)('mkfifo', [pipe])
      for (const path of [newFile(), directory, pipe])
        expect((await refusal(restore(source, path, true))).code).to.equal('BACKUP_UNREADABLE')
    })
  })
})
