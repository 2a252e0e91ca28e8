import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Hapi from '@hapi/hapi'
import { expect } from 'chai'
import type { Operation } from '../../../lib/http/api/operations/operation.ts'
import { pageRoute } from '../../../lib/http/pages/pages.ts'

describe('a page', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-page-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  function serverOf(file: string): Hapi.Server {
    const server = Hapi.server({ autoListen: false })
    server.route(pageRoute('/', pathToFileURL(file), {} as Operation))
    return server
  }

  it('is read once, however many ask for it at the same time', async () => {
    // What is read of a pipe is gone for all others.
    const pipe = join(directory, 'page.html')
    execFileSync('mkfifo', [pipe])
    const server = serverOf(pipe)
    const answers = Promise.all([server.inject('/'), server.inject('/')])
    await writeFile(pipe, 'read once')
    expect((await answers).map(({ payload }) => payload)).to.deep.equal(['read once', 'read once'])
  })

  it('is looked for again when it was not there', async () => {
    const file = join(directory, 'page.html')
    const server = serverOf(file)
    expect((await server.inject('/')).statusCode).to.equal(500)
    await writeFile(file, 'there')
    expect((await server.inject('/')).payload).to.equal('there')
  })
})
