import { expect } from 'chai'
import { noRanges } from '../../../lib/bots/bot-lists.ts'
import { BotRules } from '../../../lib/bots/bot-rules.ts'
import { Salts } from '../../../lib/clients/salts.ts'
import { ClientAddresses } from '../../../lib/http/entrance/client-address.ts'
import { Clients, type ClientsOptions, NO_CLIENT } from '../../../lib/http/entrance/clients.ts'
import { FactReader } from '../../../lib/http/entrance/facts.ts'
import { SharedMemory } from '../../../lib/memory/shared-memory.ts'
import { BOT, BROWSER } from '../../support/clicks.ts'

const PROXY = '10.0.0.1'
const NOW_MS = 1_734_000_000_000
const DAY_MS = 86_400_000

const reader = new FactReader(['user-agent', 'x-forwarded-for', 'authorization'])
const facts = (userAgent: string, forwardedFor?: string, authorization?: string) =>
  reader.read({ 'user-agent': userAgent, 'x-forwarded-for': forwardedFor, authorization })

function newClients(options: Partial<ClientsOptions> = {}) {
  const memory = SharedMemory.create({
    threadCount: 1,
    maxBanners: 16,
    duplicateWindowMs: 10_000,
    clientClicksPerMinute: 10,
  })
  const salts = new Salts(memory)
  salts.rotate(NOW_MS, 0)
  const bots = new BotRules(null)
  const malformed: number[] = []
  const clients = new Clients({
    addresses: new ClientAddresses([PROXY], () => void malformed.push(1)),
    bots,
    salts,
    areDuplicatesClassed: true,
    areClicksLimited: true,
    hasCountingKey: authorization => authorization === 'Bearer key',
    now: () => NOW_MS + DAY_MS,
    ...options,
  })
  return { clients, salts, bots, malformed }
}

describe('clients', () => {
  it('are told apart by network and User-Agent for notes, and by network for the limit', () => {
    const { clients } = newClients()
    const of = (userAgent: string, address: string) => clients.of(PROXY, facts(userAgent, address))
    const client = of(BROWSER, '2001:db8:1:2::3')
    expect(of(BROWSER, '2001:DB8:1:2:0:0:0:9')).to.deep.equal(client)
    expect(clients.of('2001:db8:1:2::3', facts(BROWSER))).to.deep.equal(client)
    expect(of('Another', '2001:db8:1:2::3').key).not.to.deep.equal(client.key)
    expect(of('Another', '2001:db8:1:2::3').networkKey).to.deep.equal(client.networkKey)
    for (const field of ['key', 'networkKey'] as const)
      expect(of(BROWSER, '2001:db8:1:3::3')[field]).not.to.deep.equal(client[field])
  })

  it('are in no note as bots, and not limited with a key', () => {
    const { clients } = newClients()
    const bot = clients.of(PROXY, facts(BOT, '192.0.2.1'))
    expect(bot).to.include({ isBot: true, key: null })
    expect(bot.networkKey).not.to.equal(null)
    expect(clients.of(PROXY, facts(BROWSER, '192.0.2.1', 'Bearer key')).networkKey).to.equal(null)
    expect(clients.of(PROXY, facts(BROWSER, '192.0.2.1', 'Bearer other')).networkKey).not.to.equal(null)
  })

  it('share a limit when their connection is gone, and are nobody’s duplicates', () => {
    const { clients } = newClients()
    const gone = clients.of(undefined, facts(BROWSER, '192.0.2.1'))
    expect(gone.key).to.equal(null)
    expect(gone.networkKey).to.deep.equal(clients.of(undefined, facts('Another')).networkKey)
  })

  it('are the peer when X-Forwarded-For is malformed, which is counted for each request', () => {
    const { clients, malformed } = newClients()
    const client = clients.of(PROXY, facts(BROWSER, 'nobody'))
    expect({ ...client, edition: 0 }).to.deep.equal({ ...clients.of(PROXY, facts(BROWSER)), edition: 0 })
    expect(clients.isCurrent(client)).to.equal(false)
    expect(malformed).to.have.lengthOf(1)
  })

  it('are current until another salt or other lists are in force', () => {
    const { clients, salts, bots } = newClients()
    const before = clients.of(PROXY, facts(BROWSER, '192.0.2.1'))
    expect(clients.isCurrent(before)).to.equal(true)
    expect(before.previousKey).to.equal(null)
    salts.rotate(NOW_MS + DAY_MS, DAY_MS)
    expect(clients.isCurrent(before)).to.equal(false)
    const after = clients.of(PROXY, facts(BROWSER, '192.0.2.1'))
    expect(after.previousKey).to.deep.equal(before.key)
    expect(after.key).not.to.deep.equal(before.key)
    bots.replace({ patterns: ['firefox'], ranges: noRanges() })
    expect(clients.isCurrent(after)).to.equal(false)
    expect(clients.of(PROXY, facts(BROWSER, '192.0.2.1')).isBot).to.equal(true)
  })

  it('of a bulk’s entry are those of requests, without a limit', () => {
    const { clients } = newClients()
    const { networkKey: _, ...client } = clients.of(PROXY, facts(BROWSER, '192.0.2.1'))
    expect(clients.ofEntry(BROWSER, '192.0.2.1')).to.deep.equal({ ...client, networkKey: null })
  })

  it('are nobody while no setting asks', () => {
    const { clients } = newClients({
      bots: null,
      salts: null,
      areDuplicatesClassed: false,
      areClicksLimited: false,
    })
    const client = clients.of(PROXY, facts(BROWSER, 'nobody'))
    expect(client).to.equal(NO_CLIENT)
    expect(clients.isCurrent(client)).to.equal(true)
  })
})
