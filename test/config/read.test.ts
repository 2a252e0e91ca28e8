import { expect } from 'chai'
import { readConfig } from '../../lib/config/read.ts'
import { settingNames, variableOf } from '../../lib/config/settings.ts'
import { mistakesIn, read } from './reading.ts'

/** Every object inside `value`, and `value` itself. */
function objectsIn(value: object): object[] {
  return [
    value,
    ...Object.values(value).flatMap(inner =>
      typeof inner === 'object' && inner !== null ? objectsIn(inner) : [],
    ),
  ]
}

describe('reading the configuration', () => {
  it('gives the defaults where nothing is set', () => {
    expect(read({}).config).to.deep.equal({
      server: {
        host: '0.0.0.0',
        port: 8080,
        threads: 3,
        isHotLaneOn: true,
        drainMs: 0,
        trustedProxies: [],
      },
      database: { server: null, maxOpenConnections: 20 },
      clickFlusher: { intervalMs: 2000, batchRows: 2000 },
      journal: { sync: 'write', maxBytes: 2 ** 30, keepMs: 120_000 },
      retention: { minutesDays: 0, quartersDays: 0 },
      access: { adminKey: null, isHealthPublic: true, corsOrigins: [] },
      banners: { areUnknownCounted: true, fallbackUrl: null },
      classes: {
        areBotsClassed: false,
        botPatternsFile: null,
        botAddressesFile: null,
        duplicateWindowMs: 0,
      },
      clientClicksPerMinute: 0,
      idempotencyKeyDays: 7,
      instanceName: null,
      dataDir: '/srv/data',
      maxBanners: 131072,
      logger: { level: 'info' },
    })
  })

  for (const [cores, threads] of [
    [1, 1],
    [2, 1],
    [3, 2],
    [19, 18],
    [20, 18],
    [256, 18],
  ] as const) {
    it(`starts ${threads} request threads by default on ${cores} cores, within the default connections`, () => {
      expect(readConfig({ env: {}, cwd: '/', cores }).config.server.threads).to.equal(threads)
    })
  }

  it('lets the default number of threads follow the connections, up to 64', () => {
    const threads = (connections: string) =>
      readConfig({ env: { CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS: connections }, cwd: '/', cores: 256 }).config
        .server.threads
    expect(threads('2')).to.equal(1)
    expect(threads('5')).to.equal(3)
    expect(threads('33')).to.equal(31)
    expect(threads('1000')).to.equal(64)
  })

  it('prefers the environment to the file and the file to the default', () => {
    const { config, origins } = read({ SERVER_PORT: '1' }, 'server: { port: 2, host: localhost }')
    expect(config.server).to.deep.equal({
      port: 1,
      host: 'localhost',
      threads: 3,
      isHotLaneOn: true,
      drainMs: 0,
      trustedProxies: [],
    })
    expect(origins.slice(0, 3)).to.deep.equal([
      { variable: 'CLICKCOUNTER_SERVER_HOST', value: 'localhost', source: 'file' },
      { variable: 'CLICKCOUNTER_SERVER_PORT', value: '1', source: 'environment' },
      { variable: 'CLICKCOUNTER_SERVER_THREADS', value: '3', source: 'default' },
    ])
  })

  it('takes an empty variable for one that is not set', () => {
    expect(read({ SERVER_PORT: '', DATABASE_URL: '' }, 'server: { port: 2 }').config.server.port).to.equal(2)
    expect(read({ SERVER_PORT: '', DATA_DIR: '' }).config).to.deep.equal(read({}).config)
    const env = { CLICKCOUNTER_SERVER_PORT: undefined }
    expect(readConfig({ env, cwd: '/', cores: 1 }).config.server.port).to.equal(8080)
  })

  it('takes what 1.0.0 called off for write, with a warning that says where it stands', () => {
    const places = [
      ['CLICKCOUNTER_JOURNAL_SYNC', read({ JOURNAL_SYNC: 'off' })],
      ['journal.sync', read({}, 'journal: { sync: "off" }')],
    ] as const
    for (const [place, { config, warnings }] of places) {
      expect(config.journal.sync).to.equal('write')
      expect(warnings).to.have.length(1)
      expect(warnings[0]).to.include(place).and.include('"off"').and.include('"write" is taken')
    }
    expect(read({ JOURNAL_SYNC: 'write' }).warnings).to.deep.equal([])
  })

  it('takes a variable without the prefix for someone else’s', () => {
    const { config, unknownVariables } = readConfig({
      env: { SERVER_PORT: '1', PORT: '2' },
      cwd: '/',
      cores: 1,
    })
    expect(config.server.port).to.equal(8080)
    expect(unknownVariables).to.deep.equal([])
  })

  it('reports every mistake of environment and file at once, one line each', () => {
    const yaml = 'click_flusher: { interval: fast }\nlogger: { level: [info] }\nport: 80'
    const mistakes = mistakesIn({ SERVER_PORT: 'x', SERVER_THREADS: '30', MAX_BANNERS: '-1' }, yaml)
    expect(mistakes.map(line => line.split(' is ')[0])).to.deep.equal([
      'logger.level in the configuration file',
      'port in the configuration file',
      'CLICKCOUNTER_SERVER_PORT',
      'click_flusher.interval in the configuration file',
      'CLICKCOUNTER_MAX_BANNERS',
      'CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS (the default)',
    ])
  })

  it('refuses to keep quarters for a shorter time than minutes, wherever the two stand', () => {
    const allowed = (text: string) => `allowed is to keep quarters for as long as minutes or longer: ${text}`
    expect(mistakesIn({ RETENTION_QUARTERS_DAYS: '90', RETENTION_MINUTES_DAYS: '91' })).to.deep.equal([
      `CLICKCOUNTER_RETENTION_QUARTERS_DAYS is 90 and CLICKCOUNTER_RETENTION_MINUTES_DAYS is 91; ${allowed('0 or at least 91')}`,
    ])
    expect(mistakesIn({}, 'retention: { quarters_days: 90 }')).to.deep.equal([
      'retention.quarters_days in the configuration file is 90 and CLICKCOUNTER_RETENTION_MINUTES_DAYS (the default) ' +
        `is 0 (all are kept); ${allowed('0')}`,
    ])
    expect(mistakesIn({ RETENTION_QUARTERS_DAYS: '90', RETENTION_MINUTES_DAYS: 'x' })).to.have.lengthOf(1)
    for (const quarters of ['90', '0'])
      expect(
        read({ RETENTION_MINUTES_DAYS: '90', RETENTION_QUARTERS_DAYS: quarters }).config.retention,
      ).to.deep.equal({ minutesDays: 90, quartersDays: Number(quarters) })
  })

  it('refuses a file of bots that nobody would read', () => {
    expect(
      mistakesIn({ BOT_PATTERNS_FILE: 'p.txt', BOTS: 'off' }, 'bot_addresses_file: a.txt'),
    ).to.deep.equal([
      'CLICKCOUNTER_BOT_PATTERNS_FILE is "p.txt" and CLICKCOUNTER_BOTS is "off", which reads no such file; ' +
        'allowed is only beside CLICKCOUNTER_BOTS=class',
      'bot_addresses_file in the configuration file is "a.txt" and CLICKCOUNTER_BOTS is "off", which reads no such ' +
        'file; allowed is only beside CLICKCOUNTER_BOTS=class',
    ])
    expect(mistakesIn({ BOT_PATTERNS_FILE: 'p.txt' })[0]).to.contain(
      'CLICKCOUNTER_BOTS (the default) is "off"',
    )
    expect(mistakesIn({ BOT_PATTERNS_FILE: 'p.txt', BOTS: 'on' })).to.have.lengthOf(1)
  })

  it('names a mistyped variable behind the mistakes, which it may be the cause of', () => {
    const mistakes = mistakesIn({ DATABSE_HOST: 'db', DATABASE_NAME: 'clicks' })
    expect(mistakes).to.have.length(2)
    expect(mistakes[0]).to.include(
      'CLICKCOUNTER_DATABASE_NAME is "clicks", which the embedded Postgres does not use',
    )
    expect(mistakes[1]).to.equal('CLICKCOUNTER_DATABSE_HOST is not a setting (CLICKCOUNTER_DATABASE_HOST is)')
  })

  it('joins the mistakes to the message of an error with a stable code', () => {
    expect(() => read({ SERVER_PORT: 'x', MAX_BANNERS: '0' }))
      .to.throw(/^CLICKCOUNTER_SERVER_PORT is .*\nCLICKCOUNTER_MAX_BANNERS is .*$/)
      .with.property('code', 'CONFIG_INVALID')
  })

  it('freezes everything it returns', () => {
    const reading = read({ DATABASE_HOST: 'db', TYPO: '1' })
    const loose = objectsIn(reading).filter(each => !Object.isFrozen(each))
    expect(loose).to.deep.equal([])
    expect(objectsIn(reading)).to.include(reading.config.database.server)
  })

  it('leaves its input as it was and gives the same answer again', () => {
    const env = Object.freeze({ CLICKCOUNTER_SERVER_PORT: '1' })
    const input = Object.freeze({ env, configFileText: 'data_dir: x', cwd: '/srv', cores: 2 })
    expect(readConfig(input)).to.deep.equal(readConfig(input))
  })

  it('tells the origin of each setting, in the order of the table', () => {
    expect(read({}).origins.map(origin => origin.variable)).to.deep.equal(settingNames.map(variableOf))
  })

  it('hides secrets in the origins', () => {
    const parts = read({ DATABASE_HOST: 'db', DATABASE_PASSWORD: 'geheim' }).origins
    const url = read({}, 'database: { url: "postgres://me:geheim@db/x" }').origins
    expect(JSON.stringify([parts, url])).not.to.contain('geheim')
    expect(parts.find(each => each.variable === 'CLICKCOUNTER_DATABASE_PASSWORD')).to.deep.equal({
      variable: 'CLICKCOUNTER_DATABASE_PASSWORD',
      value: '***',
      source: 'environment',
    })
    expect(url.find(each => each.variable === 'CLICKCOUNTER_DATABASE_URL')).to.deep.equal({
      variable: 'CLICKCOUNTER_DATABASE_URL',
      value: 'postgres://me:***@db/x',
      source: 'file',
    })
  })

  it('shows that there is no password', () => {
    const origin = read({ DATABASE_HOST: 'db' }).origins.find(each => each.variable.endsWith('PASSWORD'))
    expect(origin).to.include({ value: null, source: 'default' })
  })

  it('shows no value for the parts of a database that are not in use', () => {
    for (const settings of [{}, { DATABASE_URL: 'postgres://db' }]) {
      const shown = read(settings)
        .origins.filter(each => each.value !== null)
        .map(each => each.variable)
      expect(
        shown.filter(each => /DATABASE_(HOST|PORT|USER|PASSWORD|NAME|SSLMODE)/.test(each)),
      ).to.deep.equal([])
    }
    const port = read({ DATABASE_HOST: 'db' }).origins.find(each => each.variable.endsWith('DATABASE_PORT'))
    expect(port).to.include({ value: '5432', source: 'default' })
  })

  it('returns unknown variables with the prefix, sorted, without taking them for mistakes', () => {
    const { unknownVariables } = read({
      SERVR_PORT: '1',
      server_port: '1',
      __proto__x: '1',
      DATABASE: '1',
      EMPTY: '',
    })
    expect(unknownVariables).to.deep.equal([
      'CLICKCOUNTER_DATABASE',
      'CLICKCOUNTER_SERVR_PORT',
      'CLICKCOUNTER___proto__x',
      'CLICKCOUNTER_server_port',
    ])
  })

  it('knows the variables of the tests, of Kubernetes and of the configuration file', () => {
    const { unknownVariables } = read({
      TEST_DATABASE_URL: 'x',
      CONFIG_FILE: 'x',
      PORT: 'tcp://10.0.0.1:80',
      PORT_80_TCP_ADDR: '10.0.0.1',
      SERVICE_HOST: '10.0.0.1',
      SERVICE_PORT_HTTP: '80',
      PORTS: 'x',
      SERVICES: 'x',
    })
    expect(unknownVariables).to.deep.equal(['CLICKCOUNTER_PORTS', 'CLICKCOUNTER_SERVICES'])
  })
})
