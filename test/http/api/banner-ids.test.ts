import { expect } from 'chai'
import { expectRawError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { type RawAnswer, requestText, talk } from '../../support/raw-http.ts'

const CLOSE = 'Connection: close'
const RANGE = '{"from":"2024-12-12T10:00:00Z","to":"2024-12-12T11:00:00Z"}'

/** As they are written into the path. */
const wrongIds = [
  '-1',
  '-0',
  '0',
  '00',
  '01',
  '+1',
  '%2B1',
  '1.0',
  '1.5',
  '1,5',
  '1e3',
  '1E3',
  '0x1',
  '1n',
  '1_000',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  'abc',
  '2147483648',
  '4294967297',
  '9999999999',
  '10000000000',
  '12345678901',
  '9'.repeat(400),
  'x'.repeat(6000),
  '%00',
  '1%00',
  '1%0A',
  '%201',
  '1%20',
  '1;DROP%20TABLE%20click_minutes',
  "1'--",
  '%F0%9F%98%80',
  '%D9%A1',
  '%EF%BC%91',
  '1%2F2',
  '%2e%2e%2fstats%2f1',
  '__proto__',
  'constructor',
  '{id}',
  '*',
  '1:1',
  '1;',
  '%5B1%5D',
  '<script>',
]
/** Not even a path: the parser refuses the first two, the others cannot be decoded. */
const malformedIds = ['\u00f0\u009f\u0098\u0080', '1 2', '%', '%zz', '%ff', '%c0%b1', '%ed%a0%80']
const rightIds = { '1': 1, '10': 10, '999': 999, '2147483647': 2 ** 31 - 1, '%31': 1, '%31%30': 10 }

describe('banner ids', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())

  /** The answers of every route that takes an id, in one conversation each. */
  async function askWithId(id: string): Promise<RawAnswer[]> {
    const { port } = test.thread
    const length = `Content-Length: ${RANGE.length}`
    const json = ['Content-Type: application/json', length, CLOSE]
    const conversations = await Promise.all([
      talk(port, requestText({ target: `/counter/${id}`, headers: [CLOSE] })),
      talk(
        port,
        requestText({ method: 'POST', target: `/counter/${id}`, headers: [length, CLOSE], body: RANGE }),
      ),
      talk(port, requestText({ method: 'POST', target: `/stats/${id}`, headers: json, body: RANGE })),
    ])
    return conversations.flat()
  }

  for (const id of wrongIds)
    it(`refuses ${JSON.stringify(id.slice(0, 40))}, says what would be right and counts nothing`, async () => {
      const counted = await test.clicksCounted(async () => {
        const answers = await askWithId(id)
        expect(answers).to.have.length(3)
        for (const answer of answers) {
          const message = expectRawError(answer, 400)
          expect(message).to.contain('a whole number from 1 to 2147483647')
          expect(message.length).to.be.below(300)
        }
      })
      expect(counted).to.equal(0)
    })

  for (const id of malformedIds)
    it(`refuses the malformed ${JSON.stringify(id)} and counts nothing`, async () => {
      const counted = await test.clicksCounted(async () => {
        const answers = await askWithId(id)
        expect(answers).to.have.length(3)
        for (const answer of answers) expect(expectRawError(answer, 400)).to.match(/ must be /)
      })
      expect(counted).to.equal(0)
    })

  for (const path of ['/', '//', '/1/', '/1/2', '/1/..'])
    it(`knows no ${JSON.stringify(`/counter${path}`)} and counts nothing`, async () => {
      const counted = await test.clicksCounted(async () => {
        for (const method of ['GET', 'POST']) {
          const headers = ['Content-Length: 0', CLOSE]
          const answers = await talk(
            test.thread.port,
            requestText({ method, target: `/counter${path}`, headers }),
          )
          expectRawError(answers[0]!, 404)
        }
      })
      expect(counted).to.equal(0)
    })

  // Percent-encoded digits are the digits themselves (RFC 3986, 6.2.2.2): %31 is another spelling of 1.
  for (const [id, bannerId] of Object.entries(rightIds))
    it(`counts ${id} as banner ${bannerId}`, async () => {
      const clicksOf = async () => {
        const rows = await test.database.query<{ clicks: string }>(
          'SELECT clicks FROM click_minutes WHERE banner_id = $1',
          [bannerId],
        )
        return Number(rows[0]?.clicks ?? 0)
      }
      const before = await clicksOf()
      const counted = await test.clicksCounted(async () => {
        const [click, post, stats] = await askWithId(id)
        expect(click!.status).to.equal(204)
        expect(post!.status).to.equal(204)
        expect(stats!.status).to.equal(200)
      })
      expect(counted).to.equal(2)
      expect(await clicksOf()).to.equal(before + 2)
    })
})
