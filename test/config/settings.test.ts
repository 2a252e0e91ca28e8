import { expect } from 'chai'
import { settingNames, settings } from '../../lib/config/settings.ts'
import { mistakesIn, read } from './reading.ts'
import { right, wrong } from './settings-texts.ts'

/** What a setting means something together with: a host, minutes that are not kept for longer than quarters, bots. */
const beside = (name: string): Record<string, string> => {
  if (name === 'RETENTION_QUARTERS_DAYS') return { RETENTION_MINUTES_DAYS: '1' }
  if (name.startsWith('BOT_')) return { BOTS: 'class' }
  return /^DATABASE_(?!URL|MAX)/.test(name) ? { DATABASE_HOST: 'db' } : {}
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
    RETENTION_MINUTES_DAYS: config.retention.minutesDays,
    RETENTION_QUARTERS_DAYS: config.retention.quartersDays,
    DRAIN_SECONDS: server.drainMs,
    HEALTH_IS_PUBLIC: config.access.isHealthPublic,
    CORS_ORIGINS: config.access.corsOrigins,
    ADMIN_KEY: config.access.adminKey,
    HOT_LANE: server.isHotLaneOn,
    TRUSTED_PROXIES: server.trustedProxies,
    DATA_DIR: config.dataDir,
    MAX_BANNERS: config.maxBanners,
    UNKNOWN_BANNERS: config.banners.areUnknownCounted,
    CLICK_FALLBACK_URL: config.banners.fallbackUrl,
    BOTS: config.classes.areBotsClassed,
    BOT_PATTERNS_FILE: config.classes.botPatternsFile,
    BOT_ADDRESSES_FILE: config.classes.botAddressesFile,
    DUPLICATE_WINDOW: config.classes.duplicateWindowMs,
    CLIENT_CLICKS_PER_MINUTE: config.clientClicksPerMinute,
    INSTANCE_NAME: config.instanceName,
    IDEMPOTENCY_KEY_DAYS: config.idempotencyKeyDays,
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
