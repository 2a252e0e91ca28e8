import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { ticksName } from '../../lib/journal/files/names.ts'
import { JournalDirectory } from '../../lib/journal/keep/directory.ts'
import { startErrorOf, withoutRoot } from '../exclusive/holders.ts'
import { encode, KEY, OTHER_WRITER, temporaryDirectory } from './journal-support.ts'

describe("the journal's directory", () => {
  it('is refused while a file in it is for somebody else to read, which it names and leaves alone', async () => {
    using dataDir = temporaryDirectory()
    const { journal, file } = journalWithAFile(dataDir.path)
    chmodSync(file, 0)
    expect(await refusalOf(dataDir.path))
      .to.contain(file)
      .and.to.contain('all of it has to belong to this user')
    expect(readdirSync(journal)).to.have.members(['damaged', basename(file)])
  })

  it('is refused while what was put aside is for somebody else to read', async () => {
    using dataDir = temporaryDirectory()
    const { journal } = journalWithAFile(dataDir.path)
    chmodSync(join(journal, 'damaged'), 0)
    expect(await refusalOf(dataDir.path)).to.contain(join(journal, 'damaged'))
  })
})

/** Everybody may write to it. */
function journalWithAFile(dataDir: string): { journal: string; file: string } {
  const journal = join(dataDir, 'journal')
  const file = join(journal, ticksName(KEY, 0))
  mkdirSync(join(journal, 'damaged'), { recursive: true })
  writeFileSync(file, encode(KEY, []))
  for (const path of [dataDir, journal]) chmodSync(path, 0o777)
  return { journal, file }
}

async function refusalOf(dataDir: string): Promise<string> {
  const directory = new JournalDirectory(dataDir, OTHER_WRITER)
  const error = await startErrorOf(() => withoutRoot(() => directory.open()))
  expect(error).to.include({ name: 'StartError', code: 'JOURNAL_UNUSABLE' })
  return error.message
}
