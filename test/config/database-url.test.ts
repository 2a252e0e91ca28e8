import { expect } from 'chai'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { hidePassword } from '../../lib/config/database-url.ts'
import { mistakesIn, read } from './reading.ts'

const defaults = { port: 5432, user: 'clickcounter', password: '', name: 'clickcounter', sslMode: 'disable' }

const right: readonly [url: string, meaning: Partial<DatabaseServer>, shown?: string][] = [
  ['postgres://db', { host: 'db' }],
  ['postgresql://db/', { host: 'db' }, 'postgresql://db'],
  ['postgres://me@db:5433/clicks', { host: 'db', port: 5433, user: 'me', name: 'clicks' }],
  ['postgres://me:pw@db', { host: 'db', user: 'me', password: 'pw' }, 'postgres://me:***@db'],
  ['postgres://:pw@db', { host: 'db', password: 'pw' }, 'postgres://:***@db'],
  ['postgres://me:@db', { host: 'db', user: 'me' }, 'postgres://me@db'],
  ['postgres://me:a:b@db', { host: 'db', user: 'me', password: 'a:b' }, 'postgres://me:***@db'],
  [
    'postgres://m%C3%A9%40x:p%40%3A%2F%3F%23%25%F0%9F%98%80@db/my%20db',
    { host: 'db', user: 'mé@x', password: 'p@:/?#%😀', name: 'my db' },
    'postgres://m%C3%A9%40x:***@db/my%20db',
  ],
  ['postgres://me:a+b@db', { host: 'db', user: 'me', password: 'a+b' }, 'postgres://me:***@db'],
  ['postgres://[::1]:5433/x', { host: '::1', port: 5433, name: 'x' }],
  ['postgres://%2Fvar%2Frun%2Fpostgresql/x', { host: '/var/run/postgresql', name: 'x' }],
  ['postgres:///x?host=/var/run/postgresql', { host: '/var/run/postgresql', name: 'x' }],
  ['postgres://?host=%2Ftmp', { host: '/tmp' }],
  ['postgres://localhost/x?host=/tmp&sslmode=require', { host: '/tmp', name: 'x', sslMode: 'require' }],
  ['postgres://db?sslmode=verify-full', { host: 'db', sslMode: 'verify-full' }],
  ['postgres://db/a%2Fb%2540', { host: 'db', name: 'a/b%40' }],
  [
    'postgres://me:geheim@/x?host=/tmp',
    { host: '/tmp', user: 'me', password: 'geheim', name: 'x' },
    'postgres://me:***@/x?host=/tmp',
  ],
  [
    'postgres://db?user=me%40x&password=a+b&port=5433',
    { host: 'db', user: 'me@x', password: 'a+b', port: 5433 },
    'postgres://db?user=me%40x&password=***&port=5433',
  ],
  // From the consoles of hosters, and from libpq's documentation.
  [
    'postgresql://neondb_owner:npg_x@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
    {
      host: 'ep-cool-1-pooler.eu-central-1.aws.neon.tech',
      user: 'neondb_owner',
      password: 'npg_x',
      name: 'neondb',
      sslMode: 'require',
      channelBinding: 'require',
    },
    'postgresql://neondb_owner:***@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
  ],
  [
    'postgres://me@db/x?options=endpoint%3Dep-cool-1&sslmode=verify-full&sslrootcert=system&connect_timeout=15',
    {
      host: 'db',
      user: 'me',
      name: 'x',
      options: 'endpoint=ep-cool-1',
      sslMode: 'verify-full',
      sslRootCert: 'system',
      connectTimeoutMs: 15_000,
    },
  ],
  [
    'postgresql://postgres.ref:pw@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1',
    {
      host: 'aws-0-eu-central-1.pooler.supabase.com',
      port: 6543,
      user: 'postgres.ref',
      password: 'pw',
      name: 'postgres',
    },
    'postgresql://postgres.ref:***@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1',
  ],
  // What Supabase puts into Vercel's environment, with the parameter that node-postgres asks for.
  [
    'postgres://me@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?sslmode=require&supa=base-pooler.x&uselibpqcompat=true',
    {
      host: 'aws-0-eu-central-1.pooler.supabase.com',
      port: 6543,
      user: 'me',
      name: 'postgres',
      sslMode: 'require',
    },
  ],
  [
    'postgres://me@x.rds.amazonaws.com:5432/x?sslmode=verify-full&sslrootcert=/certs/global-bundle.pem',
    {
      host: 'x.rds.amazonaws.com',
      user: 'me',
      name: 'x',
      sslMode: 'verify-full',
      sslRootCert: '/certs/global-bundle.pem',
    },
  ],
  [
    'postgres://u@ec2-1.compute-1.amazonaws.com:5432/d?sslmode=no-verify',
    { host: 'ec2-1.compute-1.amazonaws.com', user: 'u', name: 'd', sslMode: 'no-verify' },
  ],
  // As libpq's documentation has them.
  [
    'postgresql://me:pw@db-1:5433,db-2,[::1]:5434/x?target_session_attrs=read-write',
    {
      host: 'db-1',
      port: 5433,
      furtherHosts: [
        { host: 'db-2', port: 5432 },
        { host: '::1', port: 5434 },
      ],
      user: 'me',
      password: 'pw',
      name: 'x',
    },
    'postgresql://me:***@db-1:5433,db-2,[::1]:5434/x?target_session_attrs=read-write',
  ],
  [
    'postgres://db-1,db-2?target_session_attrs=primary',
    { host: 'db-1', furtherHosts: [{ host: 'db-2', port: 5432 }] },
  ],
  [
    'postgres:///x?host=db-1,/tmp,db-3&port=5433',
    {
      host: 'db-1',
      port: 5433,
      furtherHosts: [
        { host: '/tmp', port: 5433 },
        { host: 'db-3', port: 5433 },
      ],
      name: 'x',
    },
  ],
  [
    'postgres://me@a:1,b:2?host=c,d&port=,3',
    { host: 'c', furtherHosts: [{ host: 'd', port: 3 }], user: 'me' },
  ],
  ['postgres://db?ssl=true', { host: 'db', sslMode: 'require' }],
  ['postgres://db?sslrootcert=system', { host: 'db', sslMode: 'verify-full', sslRootCert: 'system' }],
  [
    'postgres://db?application_name=shop&options=-c%20search_path%3Dclicks&target_session_attrs=read-write&sslmode=prefer',
    { host: 'db', applicationName: 'shop', options: '-c search_path=clicks', sslMode: 'prefer' },
  ],
  [
    'postgres://db?sslmode=require&sslcert=/me.crt&sslkey=/me.key&sslnegotiation=direct',
    { host: 'db', sslMode: 'require', sslCert: '/me.crt', sslKey: '/me.key', sslNegotiation: 'direct' },
  ],
]

/** Each has "geheim" as its secret, which must never show. */
const wrong: readonly [url: string, why: string][] = [
  ['mysql://me:geheim@db/x', 'not of that form'],
  ['POSTGRES://me:geheim@db/x', 'not of that form'],
  ['http://me:geheim@db', 'not of that form'],
  ['me:geheim@db/x', 'not of that form'],
  ['postgres:/me:geheim@db', 'not of that form'],
  ['geheim', 'not of that form'],
  ['postgres://me:p@geheim@db', 'not of that form'],
  ['postgres://me:1/geheim@db', 'not of that form'],
  ['postgres://me:1?geheim@db', 'not of that form'],
  ['postgres://me:1#geheim@db', 'not of that form'],
  ['postgres://me:1?host=geheim@db', 'not of that form'],
  ['postgres://me:geheim@db/a/b', 'not of that form'],
  ['postgres://me:geheim@db#x', 'not of that form'],
  [' postgres://me:geheim@db', 'not of that form'],
  ['postgres://me:geheim@db\n', 'not of that form'],
  ['postgres://me:gehe im@db', 'not of that form'],
  ['postgres://me:geheim', 'whose port is not a whole number from 1 to 65535'],
  ['postgres://me:geheim@db:0', 'whose port is not'],
  ['postgres://me:geheim@db:65536', 'whose port is not'],
  ['postgres://me:geheim@db:x', 'whose port is not'],
  ['postgres://me:geheim@', 'names no host'],
  ['postgres://me:geheim@/x?sslmode=disable', 'names no host'],
  ['postgres://me:geheim@a,/x', 'leaves a host of its list empty'],
  ['postgres://me:geheim@,b', 'leaves a host of its list empty'],
  ['postgres://me:geheim@a,b c/x', 'not of that form'],
  ['postgres://me:geheim@a,10.0.0.256', 'whose host is not one'],
  ['postgres://me:geheim@a:1,b:0', 'whose port is not'],
  ['postgres://me:geheim@a?port=1,2', 'gives 2 ports for one host'],
  ['postgres://me:geheim@a,b,c?port=1,2', 'gives 2 ports for 3 hosts'],
  ['postgres://me:1,geheim', 'no user before its hosts, and ports for some of them only'],
  ['postgres://me:gehe,im:5432', 'whose port is not'],
  ['postgres://me:geheim@10.0.0.256', 'whose host is not one'],
  ['postgres://me:geheim@db?host=', 'names no host'],
  ['postgres://me:geheim%zz@db', '%'],
  ['postgres://me:geheim%FF@db', '%'],
  ['postgres://me:geheim%@db', '%'],
  ['postgres://me:geheim%00@db', 'whose password is not'],
  ['postgres://m%00:geheim@db', 'whose user is not'],
  ['postgres://me:geheim@db/%0A', 'whose database name is not'],
  ['postgres://me:geheim@db?sslmode=', 'whose sslmode is not one of disable, allow, prefer'],
  ['postgres://me:geheim@db?sslmode=verify', 'whose sslmode is not one of disable, allow, prefer'],
  ['postgres://me:geheim@db?ssl=1', 'whose ssl is not one of true, false, no-verify'],
  ['postgres://me:geheim@db?ssl=true&sslmode=disable', 'gives sslmode twice'],
  ['postgres://me:geheim@db?sslrootcert=/ca.pem', 'sslrootcert needs sslmode=verify-full'],
  ['postgres://me:geheim@db?sslmode=no-verify&sslrootcert=/ca.pem', 'sslrootcert needs sslmode=verify-full'],
  ['postgres://me:geheim@db?sslmode=require&sslrootcert=system', 'goes with sslmode=verify-full alone'],
  ['postgres://me:geheim@db?sslmode=require&sslcert=/me.crt', 'one of sslcert and sslkey alone'],
  ['postgres://me:geheim@db?sslcert=/me.crt&sslkey=/me.key', 'sslcert needs sslmode=require'],
  ['postgres://me:geheim@db?sslnegotiation=direct', 'sslnegotiation=direct needs sslmode=require'],
  ['postgres://me:geheim@db?channel_binding=require', 'channel_binding=require needs sslmode=require'],
  ['postgres://me:geheim@db?channel_binding=yes', 'channel_binding is not one of disable, prefer, require'],
  ['postgres://me:geheim@db?connect_timeout=0', 'connect_timeout is not a whole number of seconds from 1'],
  [
    'postgres://me:geheim@db?target_session_attrs=standby',
    'target_session_attrs is not one of any, read-write',
  ],
  ['postgres://me:geheim@a,b?target_session_attrs=prefer-standby', 'read-write, primary: the service writes'],
  ['postgres://me:geheim@a,b?target_session_attrs=read-only', 'read-write, primary: the service writes'],
  ['postgres://me:geheim@db?schema=clicks', 'query parameter "schema" is not known'],
  ['postgres://me:geheim@db?user=a&user=b', 'gives user twice'],
  ['postgres://me:geheim@db?sslmode=require&sslmode=disable', 'gives sslmode twice'],
  ['postgres://db?password=geheim&port=0', 'whose port is not'],
  ['postgres://me:geheim@db?SSLMODE=require', 'query parameter "SSLMODE" is not known'],
  ['postgres://me:geheim@db?__proto__=1', 'query parameter "__proto__" is not known'],
  ['postgres://me:geheim@db?=a', 'query parameter "" is not known'],
]

describe('the database URL', () => {
  for (const [url, meaning, shown = url] of right) {
    it(`${url} is taken apart, and shown as ${shown}`, () => {
      const { config, origins } = read({ DATABASE_URL: url })
      expect(config.database.server).to.deep.equal({ ...defaults, ...meaning })
      expect(origins.find(each => each.variable === 'CLICKCOUNTER_DATABASE_URL')?.value).to.equal(shown)
    })
  }

  for (const [url, why] of wrong) {
    it(`${JSON.stringify(url)} is refused without its secret`, () => {
      const mistakes = mistakesIn({ DATABASE_URL: url })
      expect(mistakes).to.have.lengthOf(1)
      expect(mistakes[0]).to.match(/^CLICKCOUNTER_DATABASE_URL is "[^\n]*"/)
      expect(mistakes[0])
        .to.contain(why)
        .and.to.contain('; allowed is postgres://user:password@host:port/name')
      expect(mistakes[0]).not.to.contain('geheim')
    })
  }

  it('may hold what others write there, which is told', () => {
    const url = 'postgres://me:geheim@db?pgbouncer=true&keepalives=1&connection_limit=5'
    expect(read({ DATABASE_URL: url }).warnings).to.deep.equal([
      'CLICKCOUNTER_DATABASE_URL is "postgres://me:***@db?pgbouncer=true&keepalives=1&connection_limit=5", in which these parameters mean nothing here and are ignored: pgbouncer, keepalives and connection_limit',
    ])
    expect(read({ DATABASE_URL: 'postgres://db?sslmode=require' }).warnings).to.deep.equal([])
  })

  it('is shown as far as it is certain where the password is', () => {
    expect(hidePassword('mysql://me:geheim@db:1/x?sslmode=a&password=geheim&flag')).to.equal(
      'mysql://me:***@db:1/x?sslmode=a&password=***&flag=***',
    )
    expect(hidePassword('postgres://[::1]:1/x')).to.equal('postgres://[::1]:1/x')
    expect(hidePassword('postgres://me:geheim')).to.equal('***')
  })
})
