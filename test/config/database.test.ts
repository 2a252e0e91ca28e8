import { expect } from 'chai'
import { mistakesIn, read } from './reading.ts'

const defaults = { port: 5432, user: 'clickcounter', password: '', name: 'clickcounter', sslMode: 'disable' }

describe('the database settings', () => {
  it('mean the embedded Postgres when neither a URL nor a host is set', () => {
    expect(read({ DATABASE_MAX_OPEN_CONNS: '30' }).config.database).to.deep.equal({
      server: null,
      maxOpenConnections: 30,
    })
  })

  it('fill up a host with defaults', () => {
    expect(read({ DATABASE_HOST: 'db' }).config.database.server).to.deep.equal({ host: 'db', ...defaults })
  })

  it('take each part by itself, from the environment and the file', () => {
    const settings = {
      DATABASE_HOST: 'db',
      DATABASE_USER: 'me',
      DATABASE_PASSWORD: 'p%40',
      DATABASE_SSLMODE: 'require',
    }
    expect(read(settings, 'database: { port: 1, name: x }').config.database.server).to.deep.equal({
      host: 'db',
      port: 1,
      user: 'me',
      password: 'p%40',
      name: 'x',
      sslMode: 'require',
    })
  })

  it('take several hosts, with one port for all or one for each', () => {
    const first = { ...defaults, host: 'a' }
    expect(read({ DATABASE_HOST: 'a,/tmp' }).config.database.server).to.deep.equal({
      ...first,
      furtherHosts: [{ host: '/tmp', port: 5432 }],
    })
    const { config, origins } = read({ DATABASE_HOST: 'a,b', DATABASE_PORT: '1,' })
    expect(config.database.server).to.deep.equal({
      ...first,
      port: 1,
      furtherHosts: [{ host: 'b', port: 5432 }],
    })
    const shown = origins.flatMap(({ variable, value }) => (/HOST$|PORT$/.test(variable) ? [value] : []))
    expect(shown).to.include.members(['a,b', '1,5432'])
  })

  it('refuse ports that are neither one nor as many as the hosts, naming both', () => {
    expect(mistakesIn({ DATABASE_HOST: 'a,b,c' }, 'database: { port: "1,2" }')).to.deep.equal([
      'database.port in the configuration file is "1,2" and CLICKCOUNTER_DATABASE_HOST is "a,b,c"; allowed is one port for all hosts, or one for each, in their order',
    ])
    expect(mistakesIn({ DATABASE_HOST: 'a', DATABASE_PORT: '1,5' })).to.have.lengthOf(1)
  })

  it('refuse the URL together with a part of it, naming both and hiding the secrets', () => {
    const settings = {
      DATABASE_URL: 'postgres://me:geheim@db',
      DATABASE_HOST: 'other',
      DATABASE_PASSWORD: 'geheim',
    }
    expect(mistakesIn(settings, 'database: { port: 5433 }')).to.deep.equal([
      'CLICKCOUNTER_DATABASE_URL is "postgres://me:***@db" and CLICKCOUNTER_DATABASE_HOST is "other"; allowed is the URL alone or its parts alone',
      'CLICKCOUNTER_DATABASE_URL is "postgres://me:***@db" and database.port in the configuration file is "5433"; allowed is the URL alone or its parts alone',
      'CLICKCOUNTER_DATABASE_URL is "postgres://me:***@db" and CLICKCOUNTER_DATABASE_PASSWORD is "***"; allowed is the URL alone or its parts alone',
    ])
  })

  for (const part of ['HOST', 'PORT', 'USER', 'PASSWORD', 'NAME', 'SSLMODE']) {
    it(`refuse the URL beside ${part}, even at its default`, () => {
      const text = { PORT: '5432', SSLMODE: 'disable' }[part] ?? 'clickcounter'
      const mistakes = mistakesIn({ DATABASE_URL: 'postgres://db', [`DATABASE_${part}`]: text })
      expect(mistakes).to.have.lengthOf(1)
      expect(mistakes[0])
        .to.contain('CLICKCOUNTER_DATABASE_URL')
        .and.to.contain(`CLICKCOUNTER_DATABASE_${part}`)
    })
  }

  it('take the URL together with the number of connections', () => {
    const { database } = read({ DATABASE_URL: 'postgres://db' }, 'database: { max_open_conns: 9 }').config
    expect(database).to.deep.equal({ server: { host: 'db', ...defaults }, maxOpenConnections: 9 })
  })

  for (const part of ['PORT', 'USER', 'PASSWORD', 'NAME', 'SSLMODE']) {
    it(`refuse ${part} without a host, since nothing would use it`, () => {
      const text = { PORT: '5432', SSLMODE: 'disable' }[part] ?? 'geheim'
      const mistakes = mistakesIn({ [`DATABASE_${part}`]: text })
      expect(mistakes).to.have.lengthOf(1)
      expect(mistakes[0]).to.match(new RegExp(`^CLICKCOUNTER_DATABASE_${part} is "`))
      expect(mistakes[0]).to.contain('CLICKCOUNTER_DATABASE_HOST').and.to.contain('CLICKCOUNTER_DATABASE_URL')
      if (part === 'PASSWORD') expect(mistakes[0]).not.to.contain('geheim')
    })
  }

  it('do not add a missing host to the list when it was a mistake in the file', () => {
    expect(mistakesIn({ DATABASE_PORT: '1' }, 'database: { host: [db] }')).to.have.lengthOf(1)
    expect(mistakesIn({ DATABASE_PORT: '1', DATABASE_HOST: 'a b' })).to.have.lengthOf(1)
  })

  for (const [settings, connections, threads] of [
    [{ SERVER_THREADS: '20' }, '20', '20'],
    [{ SERVER_THREADS: '4', DATABASE_MAX_OPEN_CONNS: '4' }, '4', '4'],
    [{ DATABASE_MAX_OPEN_CONNS: '1' }, '1', '1'],
  ] as const) {
    it(`refuse ${connections} connections for ${threads} threads and the flush worker`, () => {
      const mistakes = mistakesIn(settings)
      expect(mistakes).to.have.lengthOf(1)
      expect(mistakes[0]).to.match(new RegExp(`CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS.* is ${connections}\\b`))
      expect(mistakes[0]).to.match(new RegExp(`CLICKCOUNTER_SERVER_THREADS.* is ${threads}\\b`))
      expect(mistakes[0]).to.match(new RegExp(`at least ${Number(threads) + 1}$`))
    })
  }

  it('take one connection more than threads', () => {
    const { config } = read({ SERVER_THREADS: '4', DATABASE_MAX_OPEN_CONNS: '5' })
    expect([config.server.threads, config.database.maxOpenConnections]).to.deep.equal([4, 5])
  })

  it('compare connections with threads only when both are numbers', () => {
    expect(mistakesIn({ SERVER_THREADS: '30', DATABASE_MAX_OPEN_CONNS: 'x' })).to.have.lengthOf(1)
    expect(mistakesIn({ SERVER_THREADS: 'x', DATABASE_MAX_OPEN_CONNS: '1' })).to.have.lengthOf(1)
  })
})
