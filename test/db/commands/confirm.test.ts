import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { confirm } from '../../../db/commands/confirm.ts'

describe('a question before something is dropped', () => {
  /** `typed` null: nobody is there to ask. */
  async function answer(typed: string | null, warnings = ['A service is at work.'], isYes = false) {
    const input = Object.assign(new PassThrough(), { isTTY: typed !== null })
    const output = new PassThrough()
    input.end(typed ?? '')
    const outcome = await confirm(warnings, isYes, { input, output }).then(
      () => 'goes on',
      (error: Error) => error.message,
    )
    output.end()
    return { outcome, printed: await text(output) }
  }

  it('is answered by y or yes', async () => {
    for (const typed of ['y\n', 'Yes\n', ' y \n'])
      expect(await answer(typed)).to.deep.equal({
        outcome: 'goes on',
        printed: 'A service is at work.\nGo on? [y/N] ',
      })
  })

  it('is declined by everything else, and by a terminal that is closed', async () => {
    for (const typed of ['n\n', '\n', 'yellow\n', ''])
      expect((await answer(typed)).outcome).to.equal('nothing was changed')
  })

  it('needs --yes where nobody can be asked, and tells what it would have asked about', async () => {
    const { outcome, printed } = await answer(null)
    expect(outcome).to.match(/^nothing was changed: say --yes/)
    expect(printed).to.equal('A service is at work.\n')
    expect((await answer(null, ['A service is at work.'], true)).outcome).to.equal('goes on')
  })

  it('is not asked without a reason', async () => {
    expect(await answer(null, [])).to.deep.equal({ outcome: 'goes on', printed: '' })
  })
})
