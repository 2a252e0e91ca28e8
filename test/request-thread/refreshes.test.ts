import { expect } from 'chai'
import type { FromRequestThread } from '../../lib/messages.ts'
import { Refreshes } from '../../lib/request-thread/refreshes.ts'
import { watch } from '../support/worker.ts'

describe('refreshes that a request thread asks main for', () => {
  it('have each who asks wait for its own end', async () => {
    const sent: FromRequestThread[] = []
    const refreshes = new Refreshes({ postMessage: (message: FromRequestThread) => sent.push(message) })
    const asked = [
      watch(refreshes.ask('keys', 'change')),
      watch(refreshes.ask('banners', 'change')),
      watch(refreshes.ask('keys', 'unknown')),
    ]
    const asks = sent.map(message => (message.kind === 'refresh' ? message : null))
    expect(asks.map(ask => [ask?.what, ask?.cause])).to.deep.equal([
      ['keys', 'change'],
      ['banners', 'change'],
      ['keys', 'unknown'],
    ])
    for (const nth of [1, 2, 0]) {
      expect(asked[nth]!.isDone).to.equal(false)
      refreshes.over(asks[nth]!.refreshId)
      await asked[nth]!.done
    }
  })
})
