import { once } from 'node:events'
import http from 'node:http'
import { expect } from 'chai'
import { readAccess } from '../../../db/access/read-access.ts'
import { connect } from '../../../db/connection/connect.ts'
import { isKeyText } from '../../../lib/access/key-text.ts'
import { SCOPES } from '../../../lib/access/scopes.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { newKey, snapshotOf, type TestKey } from '../../support/keys.ts'
import { type PostgresProxy, startPostgresProxy } from '../../support/proxy.ts'
import { until } from '../../support/until.ts'

const DAY_MS = 86_400_000
const all = newKey(SCOPES)
const operator = newKey(['operate', 'read'])
const wanted = { name: 'newsroom', scopes: ['read'] }

describe('/keys', () => {
  let test: HttpTest
  let proxy: PostgresProxy
  before(async () => {
    test = await startHttpTest({
      through: async server => {
        proxy = await startPostgresProxy(server)
        return proxy.server
      },
    })
  })
  beforeEach(() => {
    test.thread.keyring.replace(snapshotOf([all, operator]))
    test.thread.access.refresh = () => learn([all, operator])
  })
  after(async () => {
    proxy.restore()
    await test.stop()
    await proxy.close()
  })

  const ask = (method: string, path: string, key: Pick<TestKey, 'text'>, body?: unknown) =>
    fetch(`${test.thread.url}/keys${path}`, {
      method,
      headers: { authorization: `Bearer ${key.text}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const messageOf = async (answer: Response, status: number) =>
    expectError(answer.status, await answer.text(), status)

  async function make(body: object = wanted, key = all) {
    const answer = await ask('POST', '', key, body)
    expect(answer.status).to.equal(201)
    return (await answer.json()) as { text: string; key: { id: string; expiresAt: string | null } }
  }
  async function listed() {
    const { keys } = (await (await ask('GET', '', operator)).json()) as { keys: Record<string, unknown>[] }
    return keys
  }
  /** As main does it: takes what is in Postgres. */
  async function learn(others: readonly TestKey[]): Promise<void> {
    const client = await connect(test.database.server, 'clickcounter test')
    const snapshot = await readAccess(client)
    test.thread.keyring.replace({ ...snapshot, keys: [...snapshot.keys, ...others] })
    await client.end()
  }

  it('makes a key, shows its text once, and it lets its holder in', async () => {
    const made = await make({ ...wanted, expiresAt: '2099-01-02T03:04:05Z' })
    expect(isKeyText(made.text)).to.equal(true)
    expect(made.key).to.deep.equal({ id: made.key.id, ...wanted, expiresAt: '2099-01-02T03:04:05.000Z' })
    const list = await ask('GET', '', operator)
    expect(list.headers.get('cache-control')).to.equal('no-store')
    const text = await list.text()
    expect(text).to.include(made.key.id).and.not.include(made.text)
    const [entry] = (await listed()).filter(({ id }) => id === made.key.id)
    expect(entry).to.include({ createdBy: all.name, revokedAt: null, replacedBy: null, lastUsedOn: null })
    expect(await messageOf(await ask('GET', '', made), 403)).to.include('operate')
    expect(test.thread.keyring.find(made.text)?.id).to.equal(made.key.id)
  })

  it('is changed by no key that is over when the body has come', async () => {
    const requests = [
      ['POST', '', JSON.stringify(wanted)],
      ['POST', `/${(await make()).key.id}/rotate`, '{}'],
      ['DELETE', `/${(await make()).key.id}`, '{}'],
    ] as const
    const before = await listed()
    for (const [method, path, body] of requests) {
      const leaked = newKey(SCOPES)
      await learn([all, operator, leaked])
      const sent = http.request(`${test.thread.url}/keys${path}`, {
        method,
        headers: {
          authorization: `Bearer ${leaked.text}`,
          'content-type': 'application/json',
          'content-length': body.length,
        },
      })
      sent.flushHeaders()
      await until(() => test.thread.usedKeys.includes(leaked.id))
      await learn([all, operator])
      sent.end(body)
      const [answer] = (await once(sent, 'response')) as [http.IncomingMessage]
      expect(answer.statusCode).to.equal(401)
      answer.resume()
    }
    expect(await listed()).to.deep.equal(before)
  })

  it('revokes a key, also twice', async () => {
    const { key, text } = await make()
    for (const _again of [false, true]) {
      const answer = await ask('DELETE', `/${key.id}`, operator)
      expect(await answer.json()).to.deep.equal({ key, open: false })
    }
    expect(test.thread.keyring.find(text)).to.equal(null)
    expect((await listed()).find(({ id }) => id === key.id)!.revokedAt).to.be.a('string')
  })

  it('opens the service with the last key, and says so, to whom may count and read himself', async () => {
    const { key } = await make()
    for (const { id } of await listed()) if (id !== key.id) await ask('DELETE', `/${id}`, operator)
    test.thread.access.refresh = () => learn([])
    // Otherwise who may only operate could let himself read.
    expect(await messageOf(await ask('DELETE', `/${key.id}`, operator), 403)).to.include('count and read')
    expect((await listed()).find(({ id }) => id === key.id)).to.include({ revokedAt: null })
    expect(await (await ask('DELETE', `/${key.id}`, all)).json()).to.deep.equal({ key, open: true })
  })

  it('rotates a key without a gap, for a day or as long as is asked for', async () => {
    const old = await make()
    const rotated = await ask('POST', `/${old.key.id}/rotate`, all, {})
    expect(rotated.status).to.equal(201)
    const next = (await rotated.json()) as { text: string; key: { id: string } }
    const { keyring } = test.thread
    expect([keyring.find(old.text)?.id, keyring.find(next.text)?.id]).to.deep.equal([old.key.id, next.key.id])
    const entry = (await listed()).find(({ id }) => id === old.key.id)!
    expect(entry.replacedBy).to.equal(next.key.id)
    expect(Date.parse(entry.expiresAt as string) - Date.now()).to.be.within(DAY_MS - 60_000, DAY_MS + 60_000)
    expect(await messageOf(await ask('POST', `/${old.key.id}/rotate`, all, {}), 409)).to.include(next.key.id)
    const last = await ask('POST', `/${next.key.id}/rotate`, all, {
      overlapSeconds: 0,
      expiresAt: '2099-01-01',
    })
    expect(((await last.json()) as typeof old).key.expiresAt).to.equal('2099-01-01T00:00:00.000Z')
  })

  it('gives no scope that its maker has not', async () => {
    const refusal = await ask('POST', '', operator, { name: 'x', scopes: ['read', 'manage'] })
    expect(await messageOf(refusal, 403)).to.include('manage')
    await make({ name: 'x', scopes: ['operate', 'read'] }, operator)
    const mighty = await make({ name: 'mighty', scopes: [...SCOPES] })
    expect(await messageOf(await ask('POST', `/${mighty.key.id}/rotate`, operator, {}), 403)).to.include(
      'scope',
    )
  })

  it('takes a name of 100 characters, whatever they are', async () => {
    const name = '😀'.repeat(100)
    expect((await make({ name, scopes: ['read'] })).key).to.include({ name })
  })

  for (const [what, body] of Object.entries({
    'no JSON': '{',
    'no object': '[]',
    'no name': { scopes: ['read'] },
    'an empty name': { name: '', scopes: ['read'] },
    'a line break in the name': { name: 'a\nb', scopes: ['read'] },
    'a long name': { name: 'a'.repeat(101), scopes: ['read'] },
    'no scopes': { name: 'a' },
    'an empty list of scopes': { name: 'a', scopes: [] },
    'an unknown scope': { name: 'a', scopes: ['write'] },
    'a scope twice': { name: 'a', scopes: ['read', 'read'] },
    'scopes in a text': { name: 'a', scopes: 'read' },
    'a time that is over': { ...wanted, expiresAt: '2001-01-01' },
    'no time': { ...wanted, expiresAt: 'soon' },
    'a number for a time': { ...wanted, expiresAt: 1 },
    'a field more': { ...wanted, createdBy: 'me' },
    'a prototype': '{"name":"a","scopes":["read"],"__proto__":{"expiresAt":null}}',
  }))
    it(`makes none of a body with ${what}`, async () => {
      const before = (await listed()).length
      await messageOf(await ask('POST', '', all, body), 400)
      expect((await listed()).length).to.equal(before)
    })

  it('takes JSON alone, of 4 KiB at most', async () => {
    const send = (type: string, body: string) =>
      fetch(`${test.thread.url}/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${all.text}`, 'content-type': type },
        body,
      })
    for (const type of ['text/plain', 'text/csv', 'application/x-www-form-urlencoded'])
      await messageOf(await send(type, JSON.stringify(wanted)), 415)
    await messageOf(await send('application/json', `${' '.repeat(4096)}{}`), 413)
  })

  it('knows no key with another id, and does not repeat it', async () => {
    for (const id of ['1', crypto.randomUUID(), all.text, "'; --", '%00', 'a'.repeat(500)]) {
      const path = `/${encodeURIComponent(id)}`
      expect(await messageOf(await ask('DELETE', path, operator), 404)).not.to.include(id)
      expect(await messageOf(await ask('POST', `${path}/rotate`, operator, {}), 404)).not.to.include(id)
    }
  })

  it('is 503 without the database, says nothing of it, and keys go on', async () => {
    proxy.cut()
    for (const answer of [await ask('GET', '', operator), await ask('POST', '', all, wanted)]) {
      expect(answer.headers.get('retry-after')).to.equal('5')
      expect(await messageOf(answer, 503)).to.include('/health')
    }
    proxy.restore()
    expect(test.thread.failures.some(({ what }) => what === 'a request was refused')).to.equal(true)
  })
})
