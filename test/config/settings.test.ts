import { expect } from 'chai'
import { settingNames, settings } from '../../lib/config/settings.ts'
import { mistakesIn, read } from './reading.ts'

/** Settings that mean something only together with a host. */
const beside = (name: string): Record<string, string> =>
  /^DATABASE_(?!URL|MAX)/.test(name) ? { DATABASE_HOST: 'db' } : {}

const notNumbers = [
  'NaN',
  'Infinity',
  '1e3',
  ' 8080 ',
  '8080\n',
  '0x10',
  '0b1',
  '-1',
  '+1',
  '1,5',
  '1_000',
  '٣',
  '😀',
  'eight',
  '-0',
]

const wrong: Record<string, readonly string[]> = {
  SERVER_HOST: [
    ' ',
    'a b',
    '10.0.0.256',
    '10.0.1',
    '[::]',
    'host:80',
    'a..b',
    '-a',
    '😀',
    '/run',
    `${'a'.repeat(64)}.de`,
    `${'a.'.repeat(127)}de`,
  ],
  SERVER_PORT: [...notNumbers, '65536', '1.5', '9'.repeat(400)],
  SERVER_THREADS: [...notNumbers, '0', '65', '1.5'],
  TRUSTED_PROXIES: [
    ...[' ', ', ,', 'proxy.internal', 'localhost', '10.0.0.0/33', '::/129', '10.0.0.1/8', '2001:db8::1/32'],
    ...[
      '10.0.0.0/255.0.0.0',
      '10.0.0.0/',
      '/8',
      '10.0.0.0/8/8',
      '10.0.0.0/-1',
      '10.0.0.0/8.0',
      '10.0.0.0/ 8',
    ],
    ...[
      '010.0.0.1',
      '10.0.0',
      '10.0.0.256',
      '0x0a000001',
      '10.0.0.1:80',
      '[::1]',
      'fe80::1%eth0',
      'fe80::%1/64',
    ],
    ...[
      '10.0.0.1;10.0.0.2',
      '::ffff:10.0.0.0/104',
      '*',
      'all',
      '10.0.0.0/8 all',
      '😀',
      '10.0.0.٣',
      '10.0.0.1\0',
    ],
  ],
  DATABASE_HOST: [' ', 'a b', 'run/postgresql', 'db:5432', '/run\0', 'a,b'],
  DATABASE_PORT: [...notNumbers, '0', '65536'],
  DATABASE_USER: [' ', 'a\0b', 'a\nb'],
  DATABASE_PASSWORD: ['a\0b'],
  DATABASE_NAME: [' ', 'a\tb'],
  DATABASE_SSLMODE: ['verify', 'Disable', 'true', ' disable', '__proto__'],
  DATABASE_MAX_OPEN_CONNS: [...notNumbers, '0', '10001'],
  CLICK_FLUSHER_INTERVAL: [...notNumbers, '0', '0.049', '60.001', '.5', '2.', '1.5.1', '2s', '2.0e0'],
  CLICK_FLUSHER_BATCH_SIZE: [...notNumbers, '0', '100001', '1.5'],
  JOURNAL_SYNC: ['on', 'OFF', 'WRITE', 'fdatasync', 'false', 'constructor'],
  JOURNAL_KEEP_SECONDS: [...notNumbers, '86401', '2m', '9'.repeat(30)],
  JOURNAL_MAX_BYTES: [...notNumbers, '0', '1048575', '1GiB', '9007199254740992', '9'.repeat(30)],
  DRAIN_SECONDS: [...notNumbers, '3600.5', '.5', '2.', '5s'],
  ADMIN_KEY: ['a'.repeat(31), 'a'.repeat(257), 'ä'.repeat(32), `${'a'.repeat(31)} b`, `${'a'.repeat(32)}\n`],
  HOT_LANE: ['ON', 'true', '1', 'yes', 'auto', 'toString'],
  DATA_DIR: [' ', 'a\0b', 'data\n'],
  MAX_BANNERS: [...notNumbers, '0', '4194305', '1.5'],
  LOGGER_LEVEL: ['verbose', 'INFO', '30', 'toString'],
}

const right: Record<string, readonly [text: string, value: unknown][]> = {
  SERVER_HOST: [
    ['127.0.0.1', '127.0.0.1'],
    ['::', '::'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['click_counter.example.', 'click_counter.example.'],
    ['3com', '3com'],
  ],
  SERVER_PORT: [
    ['0', 0],
    ['65535', 65535],
    ['08080', 8080],
  ],
  SERVER_THREADS: [
    ['1', 1],
    ['19', 19],
  ],
  TRUSTED_PROXIES: [
    ['10.0.0.1', ['10.0.0.1']],
    ['10.0.0.0/8,2001:db8::/32', ['10.0.0.0/8', '2001:db8::/32']],
    [' 10.0.0.1 ,\t::1\n10.0.0.2, ', ['10.0.0.1', '::1', '10.0.0.2']],
    ['10.0.0.1 10.0.0.1/32 ::ffff:10.0.0.1', ['10.0.0.1']],
    ['2001:DB8:0:0::1 2001:db8::1/128', ['2001:db8::1']],
    ['0.0.0.0/0 ::/0', ['0.0.0.0/0', '::/0']],
    ['10.64.0.0/10 fe80::/10', ['10.64.0.0/10', 'fe80::/10']],
  ],
  DATABASE_MAX_OPEN_CONNS: [
    ['4', 4],
    ['10000', 10000],
  ],
  CLICK_FLUSHER_INTERVAL: [
    ['0.05', 50],
    ['0.5', 500],
    ['2', 2000],
    ['1.001', 1001],
    ['60', 60000],
    ['60.0', 60000],
  ],
  CLICK_FLUSHER_BATCH_SIZE: [
    ['1', 1],
    ['100000', 100000],
  ],
  JOURNAL_SYNC: [
    ['off', 'write'],
    ['write', 'write'],
    ['fsync', 'fsync'],
  ],
  JOURNAL_MAX_BYTES: [
    ['1048576', 2 ** 20],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ],
  JOURNAL_KEEP_SECONDS: [
    ['0', 0],
    ['86400', 86_400_000],
  ],
  DRAIN_SECONDS: [
    ['0', 0],
    ['2.5', 2500],
    ['3600', 3_600_000],
  ],
  ADMIN_KEY: [
    ['!'.repeat(32), '!'.repeat(32)],
    ['~'.repeat(256), '~'.repeat(256)],
  ],
  HOT_LANE: [
    ['on', true],
    ['off', false],
  ],
  DATA_DIR: [
    ['data', '/srv/data'],
    ['../other', '/other'],
    ['/var/lib/click counter', '/var/lib/click counter'],
  ],
  MAX_BANNERS: [
    ['1', 1],
    ['4194304', 4194304],
  ],
  LOGGER_LEVEL: [
    ['trace', 'trace'],
    ['silent', 'silent'],
  ],
  DATABASE_HOST: [
    ['db', 'db'],
    ['/var/run/postgresql', '/var/run/postgresql'],
    ['::1', '::1'],
  ],
  DATABASE_PORT: [
    ['1', 1],
    ['65535', 65535],
  ],
  DATABASE_USER: [['Jürgen 😀', 'Jürgen 😀']],
  DATABASE_PASSWORD: [[' a:b@c/d?e#f%\n', ' a:b@c/d?e#f%\n']],
  DATABASE_NAME: [['my clicks', 'my clicks']],
  DATABASE_SSLMODE: [
    ['disable', 'disable'],
    ['allow', 'allow'],
    ['prefer', 'prefer'],
    ['require', 'require'],
    ['no-verify', 'no-verify'],
    ['verify-ca', 'verify-ca'],
    ['verify-full', 'verify-full'],
  ],
}

/** Where in the config each setting is found. */
function arrived(name: string, text: string): unknown {
  const { config } = read({ ...beside(name), [name]: text })
  const { server, database, clickFlusher, journal } = config
  return {
    SERVER_HOST: server.host,
    SERVER_PORT: server.port,
    SERVER_THREADS: server.threads,
    DATABASE_HOST: database.server?.host,
    DATABASE_PORT: database.server?.port,
    DATABASE_USER: database.server?.user,
    DATABASE_PASSWORD: database.server?.password,
    DATABASE_NAME: database.server?.name,
    DATABASE_SSLMODE: database.server?.sslMode,
    DATABASE_MAX_OPEN_CONNS: database.maxOpenConnections,
    CLICK_FLUSHER_INTERVAL: clickFlusher.intervalMs,
    CLICK_FLUSHER_BATCH_SIZE: clickFlusher.batchRows,
    JOURNAL_SYNC: journal.sync,
    JOURNAL_MAX_BYTES: journal.maxBytes,
    JOURNAL_KEEP_SECONDS: journal.keepMs,
    DRAIN_SECONDS: server.drainMs,
    ADMIN_KEY: config.access.adminKey,
    HOT_LANE: server.isHotLaneOn,
    TRUSTED_PROXIES: server.trustedProxies,
    DATA_DIR: config.dataDir,
    MAX_BANNERS: config.maxBanners,
    LOGGER_LEVEL: config.logger.level,
  }[name]
}

describe('the table of settings', () => {
  it('is covered here, setting by setting, except for the URL with a test of its own', () => {
    const names = settingNames.filter(name => name !== 'DATABASE_URL').sort()
    expect(Object.keys(wrong).sort()).to.deep.equal(names)
    expect(Object.keys(right).sort()).to.deep.equal(names)
  })

  for (const [name, texts] of Object.entries(wrong)) {
    it(`refuses wrong texts for ${name} in one line with the variable, the text and what is allowed`, () => {
      for (const text of texts) {
        const mistakes = mistakesIn({ ...beside(name), [name]: text })
        expect(mistakes, JSON.stringify(text)).to.have.lengthOf(1)
        const isSecret = name === 'DATABASE_PASSWORD' || name === 'ADMIN_KEY'
        const shown = isSecret ? '"***"' : JSON.stringify(text).slice(0, 60).replace(/"$/, '')
        expect(mistakes[0]).to.match(new RegExp(`^CLICKCOUNTER_${name} is `))
        expect(mistakes[0]).to.contain(shown)
        if (isSecret) expect(mistakes[0]).not.to.contain(text)
        expect(mistakes[0]).to.contain(`; allowed is ${settings[name as keyof typeof settings].allowed}`)
        expect(mistakes[0]).not.to.contain('\n')
      }
    })
  }

  for (const [name, pairs] of Object.entries(right)) {
    it(`takes ${pairs.map(([text]) => JSON.stringify(text)).join(', ')} for ${name}`, () => {
      for (const [text, value] of pairs) expect(arrived(name, text), text).to.deep.equal(value)
    })
  }

  it('names the bounds of a number and the choices of a word', () => {
    expect(mistakesIn({ SERVER_PORT: '65536', LOGGER_LEVEL: 'loud' })).to.deep.equal([
      'CLICKCOUNTER_SERVER_PORT is "65536", which is too large; allowed is a whole number from 0 to 65535',
      'CLICKCOUNTER_LOGGER_LEVEL is "loud", which is none of the choices; ' +
        'allowed is one of trace, debug, info, warn, error, fatal, silent',
    ])
  })

  it('names each wrong entry of a list, and what would be right', () => {
    expect(
      mistakesIn({
        TRUSTED_PROXIES: '10.0.0.1/8, 10.0.0.0/33 ::ffff:10.0.0.0/104, proxy fe80::1%eth0 ::1/0 ::1',
      }),
    ).to.deep.equal([
      'CLICKCOUNTER_TRUSTED_PROXIES is ' +
        '"10.0.0.1/8, 10.0.0.0/33 ::ffff:10.0.0.0/104, proxy fe80::1%eth0 ::1/0 ::1", in which ' +
        '"10.0.0.1/8" has bits behind its first 8: write 10.0.0.0/8 or 10.0.0.1; ' +
        '"10.0.0.0/33" has a length that is no number from 0 to 32; ' +
        '"::ffff:10.0.0.0/104" is IPv4 in IPv6: write it as IPv4; ' +
        '"proxy" is no IP address and no range of them (names are not looked up); ' +
        '"fe80::1%eth0" has a zone: leave it out; and 1 more; ' +
        `allowed is ${settings.TRUSTED_PROXIES.allowed}`,
    ])
  })

  it('warns when everybody is a trusted proxy', () => {
    expect(read({ TRUSTED_PROXIES: '10.0.0.0/8, ::/0' }).warnings).to.deep.equal([
      'CLICKCOUNTER_TRUSTED_PROXIES is "10.0.0.0/8, ::/0", in which ::/0 means everybody',
    ])
  })

  it('cuts a text that is too long to be read', () => {
    const [mistake = ''] = mistakesIn({ LOGGER_LEVEL: 'x'.repeat(100_000) })
    expect(mistake.length).to.be.below(300)
  })
})
