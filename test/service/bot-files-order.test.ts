import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { readConfig } from '../../lib/config/read.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { Publication } from '../../lib/messages.ts'
import { BotFiles } from '../../lib/service/bot-files.ts'

describe('reading the lists of bots again', () => {
  let directory: string
  let file: string
  let files: BotFiles

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'clickcounter-bots-'))
    file = join(directory, 'patterns')
    const env = { CLICKCOUNTER_BOTS: 'class', CLICKCOUNTER_BOT_PATTERNS_FILE: file }
    const { config } = readConfig({ env, cwd: directory, cores: 1 })
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
    const log = createLog('silent')
    const books = new ServiceBooks(memory)
    files = new BotFiles({ config, log, lists: null, books, conditions: new Conditions(memory, log) })
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const patternsOf = (publication: Publication) =>
    publication.kind === 'bots' ? publication.lists.patterns : null

  it('goes on when the threads go by the reading before, so that an older file is never in force last', async () => {
    const sent: unknown[] = []
    const first = Promise.withResolvers<boolean>()
    writeFileSync(file, 'first')
    const firstReading = files.reread(publication => {
      sent.push(patternsOf(publication))
      return first.promise
    })
    const secondReading = files.reread(async publication => sent.push(patternsOf(publication)) > 0)
    while (sent.length === 0) await new Promise(setImmediate)
    writeFileSync(file, 'second')
    for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
    expect(sent).to.deep.equal([['first']])
    first.resolve(true)
    await Promise.all([firstReading, secondReading])
    expect(sent).to.deep.equal([['first'], ['second']])
  })

  it('gives a thread that starts while the others are told the new lists', async () => {
    writeFileSync(file, 'first')
    await files.reread(async () => {
      expect(files.lists!.patterns).to.deep.equal(['first'])
      return true
    })
    writeFileSync(file, '|')
    await files.reread(async () => expect.fail('a wrong list is not sent'))
    expect(files.lists!.patterns).to.deep.equal(['first'])
  })
})
