import { expect } from 'chai'
import { TestBanners } from '../../support/banners.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'

interface Entry {
  readonly id: number
  readonly count?: number
}

const HOUR_MS = 3_600_000
/** Nobody registered it, nor the next one. */
const UNKNOWN = 1000

for (const unknownBanners of ['count', 'refuse'])
  describe(`bulks where banners are registered, UNKNOWN_BANNERS=${unknownBanners}`, () => {
    const banners = new TestBanners()
    let test: HttpTest
    before(async () => {
      test = await startHttpTest({
        settings: { UNKNOWN_BANNERS: unknownBanners },
        banners: banners.forThread(),
      })
      const { nowMs } = test.thread.clock
      banners
        .put(1)
        .put(2, { isActive: false })
        .put(3, { activeUntilMs: nowMs - HOUR_MS })
        .put(4, { activeFromMs: nowMs + HOUR_MS })
    })
    after(() => test.stop())

    /** Sends a bulk. Resolves with its answer, and with what the books have of it. */
    async function send(...clicks: Entry[]) {
      const before = (await test.health()).clicks
      let response: Response | undefined
      const counted = await test.clicksCounted(async () => {
        response = await fetch(`${test.thread.url}/counter`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ clicks }),
        })
      })
      const after = (await test.health()).clicks
      return {
        status: response!.status,
        body: await response!.text(),
        counted,
        inactive: after.ignored.inactive - before.ignored.inactive,
        unknown: after.ignored.unknown - before.ignored.unknown,
        refused: after.refused.journal - before.refused.journal,
      }
    }

    const nothing = { counted: 0, inactive: 0, unknown: 0, refused: 0 }
    const taken = (accepted: number) => ({ ...nothing, status: 202, body: `{"accepted":${accepted}}` })

    it('count those that are active', async () => {
      expect(await send({ id: 1 }, { id: 1, count: 5 })).to.deep.equal({ ...taken(6), counted: 6 })
    })

    it('leave out those that are not, or not now, by their count', async () => {
      const bulk = [{ id: 2, count: 5 }, { id: 1, count: 2 }, { id: 3 }, { id: 4, count: 7 }, { id: 2 }]
      expect(await send(...bulk)).to.deep.equal({ ...taken(2), counted: 2, inactive: 14 })
    })

    it('are taken when they have nothing else', async () => {
      expect(await send({ id: 2 }, { id: 3, count: 2 })).to.deep.equal({ ...taken(0), inactive: 3 })
    })

    it('go by the moment of their arrival', async () => {
      expect(await send({ id: 4 })).to.deep.equal({ ...taken(0), inactive: 1 })
      test.thread.clock.nowMs += HOUR_MS
      expect(await send({ id: 4 }, { id: 3 })).to.deep.equal({ ...taken(1), counted: 1, inactive: 1 })
    })

    it('book each click once when what counts of them is refused', async () => {
      test.thread.refuseClicks(true)
      try {
        const { body, ...rest } = await send({ id: 1, count: 3 }, { id: 2, count: 2 })
        expectError(rest.status, body, 503)
        expect(rest).to.deep.equal({ ...nothing, status: 503, inactive: 2, refused: 3 })
      } finally {
        test.thread.refuseClicks(false)
      }
    })

    if (unknownBanners === 'count')
      it('count those that nobody registered', async () => {
        expect(await send({ id: UNKNOWN, count: 2 }, { id: 1 })).to.deep.equal({ ...taken(3), counted: 3 })
      })
    else {
      it('are refused whole for one that nobody registered, which is named, and book nothing', async () => {
        const bulk = [{ id: 2 }, { id: 1 }, { id: UNKNOWN + 1, count: 3 }, { id: UNKNOWN }]
        const { body, ...rest } = await send(...bulk)
        expect(expectError(rest.status, body, 400)).to.equal(
          `clicks[2].id is ${UNKNOWN + 1}: nobody has registered this banner: register it, or leave it out`,
        )
        expect(rest).to.deep.equal({ ...nothing, status: 400 })
      })

      it('are refused for what is no entry first', async () => {
        const { body } = await send({ id: UNKNOWN }, { id: 0 })
        expect(expectError(400, body, 400)).to.match(/^clicks\[1\]\.id is 0: it must be/)
      })
    }

    it('count all until it is known which banners there are', async () => {
      banners.isKnown = false
      banners.edition++
      try {
        const bulk = [{ id: 1 }, { id: UNKNOWN, count: 2 }]
        expect(await send(...bulk)).to.deep.equal({ ...taken(3), counted: 3 })
      } finally {
        banners.isKnown = true
        banners.edition++
      }
    })
  })
