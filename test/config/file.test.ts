import { expect } from 'chai'
import { settingNames, settings } from '../../lib/config/settings.ts'
import { mistakesIn, read } from './reading.ts'

const everything = `
server: { host: localhost, port: 1, threads: 2 }
database: { host: db, port: 3, user: u, password: p, name: n, sslmode: require, max_open_conns: 4 }
click_flusher:
  interval: 0.5 # seconds
  batch_size: 5
journal:
  sync: fsync
  max_bytes: 2000000
  keep_seconds: 30
retention: { minutes_days: 90, quarters_days: 800 }
admin_key: 0123456789abcdef0123456789abcdef
hot_lane: off
drain_seconds: 1.5
data_dir: elsewhere
max_banners: 6
trusted_proxies: [10.0.0.0/8, '::1']
health_is_public: false
cors_origins: ['https://shop.example', 'http://localhost:8081']
unknown_banners: refuse
click_fallback_url: https://shop.example/?b={banner_id}
bots: class
bot_patterns_file: patterns.txt
bot_addresses_file: /etc/addresses.txt
duplicate_window: 10
client_clicks_per_minute: 600
idempotency_key_days: 14
instance_name: web-1
logger: { level: debug }
`

describe('the configuration file', () => {
  it('sets everything but the URL that stands for the parts', () => {
    const { config, origins } = read({}, everything)
    expect(config).to.deep.equal({
      server: {
        host: 'localhost',
        port: 1,
        threads: 2,
        isHotLaneOn: false,
        drainMs: 1500,
        trustedProxies: ['10.0.0.0/8', '::1'],
      },
      database: {
        server: { host: 'db', port: 3, user: 'u', password: 'p', name: 'n', sslMode: 'require' },
        maxOpenConnections: 4,
      },
      clickFlusher: { intervalMs: 500, batchRows: 5 },
      journal: { sync: 'fsync', maxBytes: 2_000_000, keepMs: 30_000 },
      retention: { minutesDays: 90, quartersDays: 800 },
      access: {
        adminKey: '0123456789abcdef0123456789abcdef',
        isHealthPublic: false,
        corsOrigins: ['https://shop.example', 'http://localhost:8081'],
      },
      banners: { areUnknownCounted: false, fallbackUrl: 'https://shop.example/?b={banner_id}' },
      classes: {
        areBotsClassed: true,
        botPatternsFile: '/srv/patterns.txt',
        botAddressesFile: '/etc/addresses.txt',
        duplicateWindowMs: 10_000,
      },
      clientClicksPerMinute: 600,
      idempotencyKeyDays: 14,
      instanceName: 'web-1',
      dataDir: '/srv/elsewhere',
      maxBanners: 6,
      logger: { level: 'debug' },
    })
    const elsewhere = origins.filter(each => each.source !== 'file').map(each => each.variable)
    expect(elsewhere).to.deep.equal(['CLICKCOUNTER_DATABASE_URL'])
    expect(read({}, 'database: { url: postgres://db/x }').config.database.server?.name).to.equal('x')
  })

  it('calls every setting by its variable in lower case, with the section cut off', () => {
    for (const name of settingNames) expect(settings[name].path.join('_')).to.equal(name.toLowerCase())
  })

  for (const [what, yaml] of [
    ['nothing', ''],
    ['comments alone', '# server:\n#   port: 1\n'],
    ['a document without content', '---\n'],
    ['an empty map', '{}'],
    ['a null', '~'],
    ['sections whose keys are commented out', 'server:\n#  port: 1\ndatabase: ~\njournal: {}\n'],
    ['a byte order mark', '\uFEFF'],
  ] as const) {
    it(`sets nothing when it holds ${what}`, () => {
      expect(read({}, yaml).config).to.deep.equal(read({}).config)
    })
  }

  it('is read with Windows line ends and a byte order mark', () => {
    expect(read({}, '\uFEFFserver:\r\n  host: a\r\n  port: 1\r\n').config.server).to.include({
      host: 'a',
      port: 1,
    })
  })

  it('takes numbers in quotes, and texts as they were written', () => {
    const { config } = read(
      {},
      'server: { port: "81" }\ndatabase: { host: db, password: 007, user: 1e3, name: .nan }',
    )
    expect(config.server.port).to.equal(81)
    expect(config.database.server).to.include({ password: '007', user: '1e3', name: '.nan' })
  })

  for (const written of [
    '0x10',
    '0o17',
    '1e3',
    '.inf',
    '.nan',
    '-1',
    '+1',
    '1_000',
    '" 80 "',
    '8.5',
    '12:30',
    '😀',
    "''",
  ]) {
    it(`refuses the port ${written}, naming the key`, () => {
      const mistakes = mistakesIn({}, `server:\n  port: ${written}`)
      expect(mistakes).to.have.lengthOf(1)
      expect(mistakes[0]).to.match(
        /^server\.port in the configuration file is ".*; allowed is a whole number from 0 to 65535$/,
      )
    })
  }

  for (const [yaml, line] of [
    ['server: { host: [a] }', 'server.host in the configuration file is a list; allowed is a host name'],
    ['server: { host: { a: b } }', 'server.host in the configuration file is a section; allowed is'],
    [
      'server: { host: true }',
      'server.host in the configuration file is a truth value, not a text in quotes; allowed is',
    ],
    ['server: { host: }', 'server.host in the configuration file is empty; allowed is'],
    ['server: { port: ~ }', 'server.port in the configuration file is empty; allowed is'],
    [
      'server: { port: *nowhere }',
      'server.port in the configuration file is an alias without an anchor before it; allowed is',
    ],
    [
      'database: { host: db, password: &secret }',
      'database.password in the configuration file is empty; allowed is',
    ],
    ['data_dir: { path: x }', 'data_dir in the configuration file is a section; allowed is a path'],
    ['max_banners: [1]', 'max_banners in the configuration file is a list; allowed is a whole number'],
    ['trusted_proxies: []', 'trusted_proxies in the configuration file is an empty list; allowed is IP'],
    ['trusted_proxies: [10.0.0.1, [::1]]', 'trusted_proxies in the configuration file is a list; allowed is'],
    ['trusted_proxies: [10.0.0.1, *no]', 'trusted_proxies in the configuration file is a list; allowed is'],
    ['trusted_proxies: [10.0.0.1, ~]', 'trusted_proxies in the configuration file is a list; allowed is'],
    [
      'trusted_proxies: [10.0.0.1, x]',
      'trusted_proxies in the configuration file is "10.0.0.1 x", in which "x" is no IP address and no range',
    ],
    [
      'server: 8080',
      'server in the configuration file is a single value; allowed are the keys host, port and threads',
    ],
    [
      'server: [8080]',
      'server in the configuration file is a list; allowed are the keys host, port and threads',
    ],
    ['logger: info', 'logger in the configuration file is a single value; allowed are the keys level'],
  ] as const) {
    it(`refuses ${yaml} for its type`, () => {
      const mistakes = mistakesIn({}, yaml)
      expect(mistakes).to.have.lengthOf(1)
      expect(mistakes[0]?.slice(0, line.length)).to.equal(line)
    })
  }

  for (const [yaml, kind] of [
    ['- server\n- port', 'a list'],
    ['8080', 'a single value'],
    ['"server"', 'a single value'],
    ['true', 'a truth value'],
  ] as const) {
    it(`refuses ${kind} in place of the sections: ${JSON.stringify(yaml)}`, () => {
      const [mistake, ...others] = mistakesIn({}, yaml)
      expect(others).to.deep.equal([])
      expect(mistake).to.contain(`the configuration file is ${kind}`)
      expect(mistake).to.contain(
        'allowed are the keys server, trusted_proxies, database, click_flusher, journal, retention, health_is_public, cors_origins, admin_key, hot_lane, drain_seconds, instance_name, data_dir, max_banners, unknown_banners, click_fallback_url, bots, bot_patterns_file, bot_addresses_file, duplicate_window, client_clicks_per_minute, idempotency_key_days and logger',
      )
    })
  }

  for (const [yaml, key, guess] of [
    ['server: { prot: 1 }', 'server.prot', 'server.port'],
    ['sever: { port: 1 }', 'sever', 'server'],
    ['clickFlusher: { interval: 1 }', 'clickFlusher', 'click_flusher'],
    ['click-flusher: { interval: 1 }', 'click-flusher', 'click_flusher'],
    ['click_flusher: { batchSize: 1 }', 'click_flusher.batchSize', 'click_flusher.batch_size'],
    ['SERVER_PORT: 1', 'SERVER_PORT', 'server.port'],
    ['server.port: 1', '"server.port"', 'server.port'],
    ['maxBanner: 1', 'maxBanner', 'max_banners'],
    ['database: { database: x }', 'database.database', null],
    ['port: 80', 'port', null],
    ['server: { __proto__: { port: 1 } }', 'server.__proto__', null],
    ['__proto__: { server: { port: 1 } }', '__proto__', null],
    ['constructor: 1', 'constructor', null],
    ['1: 2', '1', null],
    ['"": 2', '', null],
    ['"server\\nport": 2', '"server\\nport"', 'server.port'],
    ['<<: { server: { port: 1 } }', '"<<"', null],
    [`${'x'.repeat(1000)}: 1`, `"${'x'.repeat(80)}…"`, null],
  ] as const) {
    it(`refuses the unknown key ${key} and suggests ${guess ?? 'nothing'}`, () => {
      const [mistake = '', ...others] = mistakesIn({}, yaml)
      expect(others).to.deep.equal([])
      expect(
        mistake.startsWith(`${key || '""'} in the configuration file is not a known key`),
        mistake,
      ).to.equal(true)
      if (guess === null) expect(mistake).not.to.contain('did you mean')
      else expect(mistake).to.contain(`; did you mean ${guess}?`)
      expect(mistake).to.contain('; allowed are the keys ')
    })
  }

  it('touches no prototype, whatever its keys', () => {
    mistakesIn(
      {},
      '__proto__: { polluted: 1 }\nserver: { __proto__: { polluted: 1 }, constructor: { prototype: 1 } }',
    )
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined)
  })

  for (const [what, yaml, line] of [
    ['an open list', 'server: [', /at line 1, column 10: /],
    ['an open quote', 'data_dir: "x', /at line 1, column 13: missing char/],
    ['a key given twice', 'data_dir: a\ndata_dir: b', /at line 2, column 1: duplicate key/],
    ['a key given twice in a section', 'server:\n  port: 1\n  port: 2', /at line 3, column 3: duplicate key/],
    ['tabs for indentation', 'server:\n\tport: 1', /at line 2, column 1: tab as indent/],
    ['two documents', 'data_dir: a\n---\ndata_dir: b', /at line 2, column 1: multiple docs/],
    ['a tag of another language', 'data_dir: !!js/function "x"', /at line 1, column 11: tag resolve failed/],
    ['a tag on a section', 'server: !x { port: 1 }', /at line 1, column 9: tag resolve failed/],
    ['a list for a key', '[a, b]: 1', /at line 1, column 1: non string key/],
    ['a directive that nobody knows', '%SECRET geheim\n---\n', /at line 1, column 1: bad directive/],
  ] as const) {
    it(`refuses ${what} at its place`, () => {
      const mistakes = mistakesIn({}, yaml)
      expect(mistakes).to.have.lengthOf(1)
      expect(mistakes[0]).to.match(line)
      expect(mistakes[0]).to.match(
        /^the configuration file cannot be read at .*; allowed is plain YAML 1\.2$/,
      )
    })
  }

  for (const yaml of [
    'database:\n  password: !geheim',
    'database:\n  password: @geheim',
    'database:\n  password: *geheim',
    'database:\n  password: "a"\n  }geheim',
    'database:\n  password: | geheim\n    x',
    'database:\n  password: [geheim]',
    'database:\n  password: { geheim: 1 }',
    'database:\n  url: [postgres://me:geheim@db]',
    'database:\n  url: postgres://me:p@geheim@db',
    'database:\n  password: geheim',
    'database:\n  host: db\n  password: "geheim\\0"',
  ]) {
    it(`keeps the secret in ${JSON.stringify(yaml)}`, () => {
      const mistakes = mistakesIn({}, yaml)
      expect(mistakes.join('\n')).not.to.contain('geheim')
    })
  }

  it('lists a few stumbles of the parser, not all that follow from one', () => {
    expect(mistakesIn({}, '['.repeat(20_000))).to.have.lengthOf.within(1, 5)
  })

  it('takes a list as a list, line by line or in one text, where a setting is one', () => {
    for (const list of [
      '[10.0.0.0/8, "::1"]',
      '"10.0.0.0/8, ::1"',
      '\n  - 10.0.0.0/8\n  - ::1',
      '[10.0.0.0/8, *a]',
    ])
      expect(
        read({}, `server: { host: &a '::1' }\ntrusted_proxies: ${list}`).config.server.trustedProxies,
      ).to.deep.equal(['10.0.0.0/8', '::1'])
  })

  it('follows aliases to values and sections', () => {
    const { config } = read({}, 'server: { port: &one 1, threads: *one }\nmax_banners: *one')
    expect([config.server.port, config.server.threads, config.maxBanners]).to.deep.equal([1, 1, 1])
  })

  it('refuses an alias that leads into itself', () => {
    expect(mistakesIn({}, 'server: &self { host: *self }')).to.have.lengthOf(1)
  })

  it('does not unfold aliases of aliases', () => {
    const levels = [...'bcdefghijklmnop'].map((level, depth) => {
      const below = depth === 0 ? 'a' : 'abcdefghijklmnop'[depth]
      return `${level}: &${level} [${Array(10).fill(`*${below}`).join(', ')}]`
    })
    const mistakes = mistakesIn({}, ['a: &a [x]', ...levels, 'server: { host: *p }'].join('\n'))
    expect(mistakes.at(-1)).to.match(/^server\.host in the configuration file is a list; /)
  }).timeout(2000)
})
