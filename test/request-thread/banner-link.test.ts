import { expect } from 'chai'
import { emptyOverlay } from '../../lib/banner-watch/merge.ts'
import { TableBuilder } from '../../lib/banners/table-builder.ts'
import type { FromRequestThread } from '../../lib/messages.ts'
import { BannerLink } from '../../lib/request-thread/banner-link.ts'
import { Refreshes } from '../../lib/request-thread/refreshes.ts'
import { newRevision } from '../support/banners.ts'

const PLAIN = { target: null, passQuery: [], isActive: true, activeFromMs: null, activeUntilMs: null }

describe("a request thread's link to main, for banners", () => {
  function newLink() {
    const sent: FromRequestThread[] = []
    /** What the thread knew of banner 1 when it confirmed. */
    const known: boolean[] = []
    const port = {
      postMessage(message: FromRequestThread) {
        sent.push(message)
        known.push(link.lookup.has(1))
      },
    }
    const link = new BannerLink(port, new Refreshes(port))
    return { link, sent, known }
  }

  async function newBase(...ids: number[]) {
    const builder = new TableBuilder()
    for (const id of ids) builder.put({ ...PLAIN, id })
    return await builder.build(newRevision(), null)
  }

  it('knows nothing until it is told, and at its start what main knew then', async () => {
    const { link, sent } = newLink()
    expect(link.lookup.isKnown).to.equal(false)
    const base = await newBase(1)
    link.begin({ base: base.buffer, overlay: (await emptyOverlay(base)).buffer })
    expect([link.lookup.isKnown, link.lookup.count, link.lookup.has(1)]).to.deep.equal([true, 1, true])
    expect(sent).to.deep.equal([])
  })

  it('confirms what it was sent once that is in force, and keeps its base where it is sent none', async () => {
    const { link, sent, known } = newLink()
    const base = await newBase(1, 2)
    link.take({ kind: 'banners', base: base.buffer, overlay: (await emptyOverlay(base)).buffer })
    const overlay = new TableBuilder()
    overlay.remove(1)
    link.take({ kind: 'banners', base: null, overlay: (await overlay.build(newRevision(), base)).buffer })
    const next = await newBase(1, 2, 3)
    link.take({ kind: 'banners', base: next.buffer, overlay: (await emptyOverlay(next)).buffer })
    expect(sent).to.deep.equal([{ kind: 'taken' }, { kind: 'taken' }, { kind: 'taken' }])
    expect(known).to.deep.equal([true, false, true])
    expect(link.lookup.count).to.equal(3)
  })

  it('asks main to read them again after a change', async () => {
    const { link, sent } = newLink()
    void link.refresh()
    expect(sent).to.deep.equal([{ kind: 'refresh', refreshId: 1, what: 'banners', cause: 'change' }])
  })
})
