import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { connect } from '../../../db/connection/connect.ts'
import { statements } from '../../../db/statements.ts'
import { newKey, snapshotOf } from '../../support/keys.ts'
import { until } from '../../support/until.ts'
import { type BannersTest, manager, messageOf, reader, startBannersTest } from './banners-support.ts'

const NDJSON = 'application/x-ndjson'
const one = { id: 1, name: 'Autumn sale' }
const two = { id: 2, name: 'Winter sale' }
const line = (body: object) => `${JSON.stringify(body)}\n`

describe('the body of an import', () => {
  let banners: BannersTest
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-test-'))
    banners = await startBannersTest({ DATA_DIR: directory })
  })
  beforeEach(() => banners.test.database.query('DELETE FROM banners'))
  after(async () => {
    await banners.stop()
    await rm(directory, { recursive: true })
  })

  const send = (body: unknown, query = '') =>
    banners.ask(query, { method: 'POST', body, headers: { 'content-type': NDJSON } })
  const registered = async () =>
    (await banners.test.database.query<{ id: number }>('SELECT id::int FROM banners ORDER BY id')).map(
      ({ id }) => id,
    )

  /** Sends a head and a piece of its body, and returns the request. */
  function begin(head: { length: number | null; key?: { text: string } }, piece: string): http.ClientRequest {
    const request = http.request(`${banners.test.thread.url}/banners`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${(head.key ?? manager).text}`,
        'content-type': NDJSON,
        ...(head.length === null ? {} : { 'content-length': head.length }),
      },
    })
    request.write(piece)
    return request
  }
  async function answerTo(request: http.ClientRequest) {
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
    let body = ''
    for await (const piece of answer) body += piece
    return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(body) }
  }

  it('is 413 at once when it says that it is too long', async () => {
    const answer = await answerTo(begin({ length: 2 ** 28 + 1 }, line(one)))
    expect(answer.status).to.equal(413)
    expect(answer.body.message).to.include('268435456')
  })

  it('is read to its end before it is answered what was wrong with its first line', async () => {
    const rest = line({ id: 7, name: 'x'.repeat(200) }).repeat(20_000)
    expect(await messageOf(await send(`{}\n${rest}`), 400)).to.match(/^line 1: /)
    const stream = new Blob([`{}\n${rest}`]).stream()
    expect(await messageOf(await send(stream), 400)).to.match(/^line 1: /)
  })

  it('changes nothing when it breaks off', async () => {
    const request = begin({ length: 1000 }, line(one))
    request.on('error', () => {})
    await once(request, 'socket')
    await until(() => banners.test.thread.usedKeys.length > 0)
    request.destroy()
    await until(async () => (await send(line(two))).status === 200)
    expect(await registered()).to.deep.equal([2])
  })

  it('changes nothing when its connection is lost before all is written', async () => {
    const others = await connect(banners.test.database.server, 'clickcounter test')
    await others.query(`BEGIN; ${statements.lockBanners}`)
    const body = line(one)
    let response: http.ServerResponse | null = null
    const note = (message: unknown) => {
      response = (message as { response: http.ServerResponse }).response
    }
    subscribe('http.server.request.start', note)
    const request = begin({ length: body.length }, body).on('error', () => {})
    request.end()
    await until(async () => (await banners.test.database.waiting()).length === 1)
    request.socket!.resetAndDestroy()
    unsubscribe('http.server.request.start', note)
    // The service learns of it before the lock is free.
    await until(() => response!.destroyed)
    await others.query('ROLLBACK')
    await others.end()
    await until(async () => (await send(line(two))).status === 200)
    expect(await registered()).to.deep.equal([2])
  })

  it('is kept in a file without a name until all has come, when it is long', async () => {
    const many = Array.from({ length: 40_000 }, (_, nth) =>
      line({ id: nth + 1, name: 'x'.repeat(200) }),
    ).join('')
    expect(await (await send(many, '?preview=true')).json()).to.include({ created: 40_000 })
    expect(await readdir(directory)).to.deep.equal([])
    await rename(directory, `${directory}-elsewhere`)
    const answer = await send(many)
    expect(answer.headers.get('retry-after')).to.equal('5')
    expect(await messageOf(answer, 503)).to.include('free some space')
    await rename(`${directory}-elsewhere`, directory)
  })

  it('is one at a time: others are 503, and say when to come again', async () => {
    const slow = newKey(['manage'])
    banners.test.thread.keyring.replace(snapshotOf([manager, reader, slow]))
    const first = begin({ length: null, key: slow }, line(one))
    await until(() => banners.test.thread.usedKeys.includes(slow.id))
    for (const query of ['', '?preview=true']) {
      const answer = await send(line(two), query)
      expect(Number(answer.headers.get('retry-after'))).to.be.above(0)
      expect(await messageOf(answer, 503)).to.include('one at a time')
    }
    // A slow one holds up nobody but other imports.
    expect((await banners.ask('/9', { method: 'PUT', body: { name: 'a' } })).status).to.equal(201)
    first.end()
    expect((await answerTo(first)).body).to.include({ created: 1 })
    expect((await send(line(two))).status).to.equal(200)
  })

  it('is taken from no key that is over when all has come', async () => {
    const leaked = newKey(['manage'])
    banners.test.thread.keyring.replace(snapshotOf([manager, reader, leaked]))
    const request = begin({ length: null, key: leaked }, line(one))
    await until(() => banners.test.thread.usedKeys.includes(leaked.id))
    banners.test.thread.keyring.replace(snapshotOf([manager, reader]))
    request.end()
    expect((await answerTo(request)).status).to.equal(401)
    expect(await registered()).to.deep.equal([])
  })

  it('is taken from who may change banners', async () => {
    const ask = (key: typeof reader | null) =>
      banners.ask('', { method: 'POST', body: line(one), headers: { 'content-type': NDJSON }, key })
    expect(await messageOf(await ask(reader), 403)).to.include('manage')
    expect((await ask(null)).status).to.equal(401)
    // As curl does it with a long body: it waits for the 100 before it sends any.
    const waiting = http.request(`${banners.test.thread.url}/banners`, {
      method: 'POST',
      headers: { authorization: `Bearer ${reader.text}`, 'content-length': 2 ** 27, expect: '100-continue' },
    })
    waiting.flushHeaders()
    expect((await answerTo(waiting)).status).to.equal(403)
  })
})
