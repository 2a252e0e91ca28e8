import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { expect } from 'chai'
import { ConfigError } from '../../lib/base/errors.ts'
import { loadConfig } from '../../lib/config/load.ts'

describe('loading the configuration', () => {
  let directory: string
  let before: NodeJS.ProcessEnv

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'clickcounter-config-'))
    before = { ...process.env }
    for (const variable of Object.keys(process.env)) {
      if (variable.startsWith('CLICKCOUNTER_')) delete process.env[variable]
    }
  })

  afterEach(() => {
    for (const variable of Object.keys(process.env)) if (!(variable in before)) delete process.env[variable]
    Object.assign(process.env, before)
    rmSync(directory, { recursive: true })
  })

  it('takes environment, directory and cores from the process', () => {
    process.env.CLICKCOUNTER_SERVER_PORT = '81'
    process.env.CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS = '1000'
    const { config, file } = loadConfig()
    expect(config.server.port).to.equal(81)
    expect(config.server.threads).to.equal(Math.max(1, Math.min(64, availableParallelism() - 1)))
    expect(config.dataDir).to.equal(resolve('data'))
    expect(file).to.equal(null)
  })

  it('reads the file that the environment names, and says which it was', () => {
    const path = join(directory, 'click counter.yaml')
    writeFileSync(path, 'server: { port: 82 }')
    for (const name of [path, relative(process.cwd(), path)]) {
      process.env.CLICKCOUNTER_CONFIG_FILE = name
      const { config, file, origins } = loadConfig()
      expect(config.server.port).to.equal(82)
      expect(file).to.equal(path)
      expect(origins.find(each => each.value === '82')?.source).to.equal('file')
    }
  })

  it('names each certificate of the database that cannot be read', () => {
    process.env.CLICKCOUNTER_DATABASE_URL =
      'postgres://me:geheim@db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem&sslcert=/nowhere/me.crt&sslkey=/'
    expect(loadConfig).to.throw(
      ConfigError,
      'CLICKCOUNTER_DATABASE_URL has sslrootcert="/nowhere/ca.pem", which cannot be read (ENOENT); allowed is the path of a PEM file\n' +
        'CLICKCOUNTER_DATABASE_URL has sslcert="/nowhere/me.crt", which cannot be read (ENOENT); allowed is the path of a PEM file\n' +
        'CLICKCOUNTER_DATABASE_URL has sslkey="/", which cannot be read (EISDIR); allowed is the path of a PEM file',
    )
    process.env.CLICKCOUNTER_DATABASE_URL = 'postgres://db?sslmode=verify-full&sslrootcert=system'
    expect(loadConfig().config.database.server?.sslRootCert).to.equal('system')
  })

  it('does without a file when its variable is empty', () => {
    process.env.CLICKCOUNTER_CONFIG_FILE = ''
    expect(loadConfig().file).to.equal(null)
  })

  for (const [what, prepare, code] of [
    ['is missing', () => {}, 'ENOENT'],
    ['is a directory', (path: string) => mkdirSync(path), 'EISDIR'],
    [
      'is not UTF-8',
      (path: string) => writeFileSync(path, Buffer.from([0x61, 0xe9])),
      'ERR_ENCODING_INVALID_ENCODED_DATA',
    ],
  ] as const) {
    it(`says so in one line when the file ${what}`, () => {
      const path = join(directory, 'config.yaml')
      prepare(path)
      process.env.CLICKCOUNTER_CONFIG_FILE = path
      expect(loadConfig)
        .to.throw(ConfigError)
        .with.property('mistakes')
        .that.deep.equals([
          `CLICKCOUNTER_CONFIG_FILE is ${JSON.stringify(path)}, which cannot be read (${code}); allowed is the path of a YAML file in UTF-8`,
        ])
    })
  }
})
