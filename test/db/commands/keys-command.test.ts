import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { MAX_KEYS } from '../../../db/access/change-keys.ts'
import { clusterPaths } from '../../../db/embedded/cluster.ts'
import { findPostmaster } from '../../../db/embedded/postmaster.ts'
import { hashOfKey, isKeyText, makeKeyText } from '../../../lib/access/key-text.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { endService, startServiceProcess } from '../../support/process.ts'
import { until } from '../../support/until.ts'
import { type CommandRun, callCommand, readCommand, runCommand, startCommand } from './command-support.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly hash: string
  readonly scopes: readonly string[]
  readonly expires: Date | null
  readonly revoked: Date | null
}

describe('npm run keys', () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase({ isMigrated: false })
  })
  after(() => database.drop())

  const run = (...args: readonly string[]) =>
    callCommand('keys-command', { DATABASE_URL: database.url }, args)
  const rows = () =>
    database.query<Row>(
      `SELECT id, name, hash, scopes, expires_at AS expires, revoked_at AS revoked
       FROM access_keys ORDER BY created_at`,
    )
  const clear = () => database.query('TRUNCATE access_keys')
  const expectRefused = ({ status, stdout, stderr }: CommandRun, says: RegExp) => {
    expect(stderr).to.match(says)
    expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' })
  }

  it('create makes the tables and a key with all scopes, whose text alone is on the standard output', async () => {
    expectRefused(await run('list'), /A table is missing: .*npm run migrate -- up/)
    const { status, stdout, stderr } = await run('create')
    expect(status).to.equal(0)
    expect(stdout.endsWith('\n') && isKeyText(stdout.trimEnd())).to.equal(true)
    const [key, ...others] = await rows()
    expect(others).to.deep.equal([])
    expect(key).to.deep.include({
      hash: hashOfKey(stdout.trimEnd()),
      scopes: ['count', 'read', 'manage', 'operate'],
      expires: null,
    })
    expect(stderr)
      .to.match(/^\d+ access-keys \(do\)$/m)
      .and.to.include(key!.id)
      .and.to.match(/^Services with the database "\S+" on \S+ know it\.$/m)
    expect(stderr).to.match(
      /shown only once.*\n.*first key: from now on bulks, \/stats and the dashboard need one/,
    )
    expect(stderr).not.to.include(stdout.trimEnd().slice(4, 20))
  })

  it('create takes a name, scopes and an end, and list shows them without the text', async () => {
    await clear()
    const made = await run(
      'create',
      '--name',
      'the shop – 店',
      '--scopes',
      'read, count',
      '--expires',
      '2090-01-31',
    )
    expect(made.stderr).to.match(
      /"the shop – 店" \(\S+\) is for read and count, and expires at 2090-01-31T00:00:00Z/,
    )
    const second = await run('create', '--expires', '90d')
    expect(second.stderr).not.to.include('first key')
    const [first, other] = await rows()
    expect(first).to.deep.include({
      name: 'the shop – 店',
      scopes: ['read', 'count'],
      expires: new Date('2090-01-31Z'),
    })
    expect(other!.expires!.getTime()).to.be.closeTo(Date.now() + 90 * 86_400_000, 60_000)
    const { status, stdout, stderr } = await run('list')
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
    expect(stdout).to.match(/^ID +SCOPES +STATE +LAST USED +MADE +NAME +MADE BY\n/)
    expect(stdout).to.match(
      new RegExp(
        `^${first!.id}  read,count +in force until 2090-01-31T00:00:00Z  never +\\S+  the shop – 店 +shell$`,
        'm',
      ),
    )
    for (const secret of [made.stdout.trim(), first!.hash]) expect(stdout).not.to.include(secret)
  })

  it('rotate makes a key in the place of another one, which stays for a day or as said', async () => {
    await clear()
    const { stdout: old } = await run('create', '--name', 'shop', '--scopes', 'count')
    const [{ id }] = (await rows()) as [Row]
    const { status, stdout, stderr } = await run('rotate', id, '--expires', '90d')
    expect(status).to.equal(0)
    expect(isKeyText(stdout.trimEnd()) && stdout !== old).to.equal(true)
    const [first, second] = await rows()
    expect(first!.expires!.getTime()).to.be.closeTo(Date.now() + 86_400_000, 60_000)
    expect(second).to.deep.include({ name: 'shop', scopes: ['count'], hash: hashOfKey(stdout.trimEnd()) })
    expect(second!.expires!.getTime()).to.be.closeTo(Date.now() + 90 * 86_400_000, 60_000)
    expect(stderr).to.match(/^The old key expires at .*Z\. Give the new one to all/m)
    expectRefused(await run('rotate', id), new RegExp(`rotated already: rotate ${second!.id}`))
    const third = await run('rotate', second!.id, '--overlap', '0h')
    expect(third).to.include({ status: 0 })
    expect(third.stderr).to.match(/^The old key is over\. Give the new one to all/m)
    expect((await run('list')).stdout).to.match(
      /replaced, in force until .*\n.* expired .*\n.* in force until/,
    )
  })

  it('revoke ends a key, and asks before the last one goes', async () => {
    await clear()
    await run('create', '--name', 'one')
    await run('create', '--name', 'two')
    const [one, two] = (await rows()) as [Row, Row]
    const first = await run('revoke', one.id)
    expect(first).to.include({ status: 0, stdout: '' })
    expect(first.stderr).to.equal(`The key "one" (${one.id}) is revoked.\n`)
    expectRefused(await run('revoke', two.id), /last key: .*everybody .* may count and read\.\n.*say --yes/)
    expect((await rows()).map(({ revoked }) => revoked !== null)).to.deep.equal([true, false])
    const last = await run('revoke', two.id, '--yes')
    expect(last.stderr).to.match(
      /"two".* is revoked\.\nNo key is left: .*unless the service has an ADMIN_KEY\.\n$/,
    )
    expect((await run('list')).stdout).to.match(/ revoked 20.*\n.* revoked 20/)
    expect(await run('revoke', two.id)).to.include({ status: 0 })
  })

  it('rotate and revoke take the text of a key from the standard input', async () => {
    await clear()
    const withText = (input: string, ...args: readonly string[]) =>
      callCommand('keys-command', { DATABASE_URL: database.url }, args, input)
    const { stdout: first } = await run('create', '--name', 'leaked')
    const { stdout: second } = await withText(first, 'rotate', '-', '--overlap', '0h')
    const [, successor] = await rows()
    expect(successor!.hash).to.equal(hashOfKey(second.trimEnd()))
    expect((await withText(second, 'revoke', '-', '--yes')).stderr).to.include(`${successor!.id}) is revoked`)
    expectRefused(await withText(makeKeyText(), 'revoke', '-'), /^there is no key with this text\n$/)
    expectRefused(
      await withText('cck_oops', 'revoke', '-'),
      /^the standard input has no key: a key is cck_ and 36/,
    )
  })

  it('refuses what makes no sense, with a sentence that says what would, and changes nothing', async () => {
    await clear()
    await run('create', '--name', 'kept')
    const before = await rows()
    const { id } = before[0]!
    const senseless: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /^say create, list, revoke ID or rotate ID\n\nUsage: npm run keys/],
      [['constructor'], /^say create, list/],
      [['create', 'shop'], /name follows --name\n\nUsage/],
      [['create', '--scope', 'read'], /^Unknown option '--scope'\n\nUsage/],
      [['create', '--scopes', 'raed'], /^"raed" is no scope \(did you mean read\?\)/],
      [['create', '--expires', 'tomorrow'], /^--expires takes a time from now .* not "tomorrow"\n\nUsage/],
      [['list', 'all'], /^list takes nothing else/],
      [['revoke', id, 'another'], /^name the ID of one key/],
      [['revoke', makeKeyText()], /^there is no key with this id: look it up in the list of keys\n$/],
      [
        ['rotate', id, '--overlap', '1'],
        /^--overlap takes a number with d, h, m or s, such as 24h, and not "1"/,
      ],
      [['rotate', id, '--overlap', '367d'], /^the old key stays in force for 0 to 366 days/],
    ]
    for (const [args, says] of senseless) expectRefused(await run(...args), says)
    expect(await rows()).to.deep.equal(before)
    await database.query(
      `INSERT INTO access_keys (id, name, hash, scopes, created_at, created_by)
       SELECT gen_random_uuid(), 'many', number, '{read}', now(), 'shell' FROM generate_series(2, $1::int) AS number`,
      [MAX_KEYS],
    )
    expectRefused(await run('create'), /^there are 1000 keys, and more are not taken: revoke some/)
  })

  it('closes a service that is to come, and opens one that runs, on the embedded Postgres', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'clickcounter-keys-'))
    const dataDir = join(directory, 'data')
    const inDirectory = (args: readonly string[], input = '') =>
      runCommand('keys-command', { DATA_DIR: dataDir }, args, {}, input)
    expectRefused(await inDirectory(['list']), /there is no database in .*data/)
    const { stdout: key } = await inDirectory(['create'])
    expect((await inDirectory(['list'])).stdout).to.match(
      / count,read,manage,operate +in force +never .* shell\n$/,
    )

    const unread = startCommand('keys-command', { DATA_DIR: dataDir }, ['list'])
    unread.stdout.destroy()
    expect(await readCommand(unread)).to.deep.equal({
      status: 1,
      stdout: '',
      stderr: 'the standard output could not be written: write EPIPE\n',
    })
    expect(await findPostmaster(clusterPaths(dataDir).cluster)).to.equal(null)

    const service = await startServiceProcess({ DATA_DIR: dataDir })
    expect(await bulk(service.url)).to.equal(401)
    expect(await bulk(service.url, key.trimEnd())).to.equal(202)
    const revoked = await inDirectory(['revoke', '-', '--yes'], key)
    expect(revoked.stderr).to.match(/is revoked\.\nNo key is left/)
    await until(async () => (await bulk(service.url)) === 202)
    const { stdout: next } = await inDirectory(['create', '--scopes', 'read'])
    await until(async () => (await bulk(service.url)) === 401)
    expect(await bulk(service.url, next.trimEnd())).to.equal(403)
    await endService(service)
    await rm(directory, { recursive: true })
  }).timeout(60_000)
})

async function bulk(url: string, key?: string): Promise<number> {
  const { status } = await fetch(`${url}/counter`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: '{"clicks":[{"id":1}]}',
  })
  return status
}
