import { expect } from 'chai'
import { read, rowsOf } from '../../house/documents.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'

const PAGE = 'docs/reading.md'
const HERE = 'http://localhost:8080'
/** A command, and the answer that stands below it. */
const FINAL_THROUGH = '2026-11-27T08:00:00Z'
const EXAMPLE = /^```sh\n(curl .*?)\n```\n\n```(json|csv)\n(.*?)```$/gms
/** A text in quotes, or one without spaces. */
const WORD = /'([^']*)'|(\S+)/g

const examples = Array.from(read(PAGE).matchAll(EXAMPLE), ([, command, type, answer]) => ({
  command: command!.replaceAll('\\\n', ''),
  type: type!,
  answer: answer!,
}))

describe('The page about reading', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
    await test.database.storeMinutes(
      `VALUES (1, '2024-12-11 12:00Z'::timestamptz, 5, 0, 0), (1, '2024-12-12 10:00Z', 4, 0, 0),
        (1, '2024-12-12 10:01Z', 4, 1, 0), (1, '2024-12-13 12:00Z', 3, 0, 0), (2, '2024-12-12 11:00Z', 20, 0, 2),
        (3, '2024-12-12 11:00Z', 5, 0, 0)`,
    )
    await test.database.query(
      `INSERT INTO banners SELECT id, name, NULL, 'autumn', '{}', '{}', true, NULL, NULL, gen_random_uuid(), now(), 'test'
       FROM (VALUES (1, 'Autumn sale 300×250'), (2, 'Autumn sale, wide')) AS banner (id, name)`,
    )
    await test.database.query(
      `INSERT INTO click_instances
       VALUES (gen_random_uuid(), 'web-1:8080', '1.1.0', now(), now(), 'serving', 0, NULL, '${FINAL_THROUGH}')`,
    )
  })
  after(() => test.stop())

  /** What a command of curl asks for, in place of curl. */
  function ask(command: string): Promise<Response> {
    const [, ...words] = Array.from(command.matchAll(WORD), ([, quoted, plain]) => quoted ?? plain!)
    const behind = (option: string) => words.flatMap((word, nth) => (words[nth - 1] === option ? [word] : []))
    const url = words.find(word => word.startsWith(HERE))!
    const [body = null] = behind('-d')
    const headers = behind('-H').map(header => header.split(': ') as [string, string])
    return fetch(url.replace(HERE, test.thread.url), {
      method: body === null ? 'GET' : 'POST',
      headers,
      body,
    })
  }

  it('has examples', () => {
    expect(examples.length).to.be.above(8)
  })

  for (const { command, type, answer } of examples)
    it(`is right about ${command}`, async () => {
      const response = await ask(command)
      const text = await response.text()
      expect(response.status, text).to.equal(200)
      if (type === 'json') {
        const { heldBackBy, ...others } = JSON.parse(text)
        expect(others).to.deep.equal(JSON.parse(answer))
        // On the page, that instant is not long ago.
        expect(heldBackBy).to.deep.equal(['web-1:8080'])
      } else expect(text).to.equal(answer.replaceAll('\n', '\r\n'))
    })

  it('is right about what is refused', async () => {
    const told = rowsOf(PAGE).filter(([question]) => question!.startsWith('`/stats'))
    expect(told.length).to.be.above(8)
    for (const [question, message] of told.map(row => row.map(cell => cell.replaceAll('`', '')))) {
      const response = await fetch(`${test.thread.url}${question}`)
      expect(expectError(response.status, await response.text(), 400), question).to.equal(message)
    }
  })
})
