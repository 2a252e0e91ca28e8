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
]

/** A secret hides as "geheim" in each: none may come to light. */
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
  ['postgres://me:geheim@a,b/x', 'whose host is not one'],
  ['postgres://me:geheim@10.0.0.256', 'whose host is not one'],
  ['postgres://me:geheim@db?host=', 'names no host'],
  ['postgres://me:geheim%zz@db', '%'],
  ['postgres://me:geheim%FF@db', '%'],
  ['postgres://me:geheim%@db', '%'],
  ['postgres://me:geheim%00@db', 'whose password is not'],
  ['postgres://m%00:geheim@db', 'whose user is not'],
  ['postgres://me:geheim@db/%0A', 'whose database name is not'],
  ['postgres://me:geheim@db?sslmode=prefer', 'whose sslmode is none'],
  ['postgres://me:geheim@db?sslmode=', 'whose sslmode is none'],
  ['postgres://me:geheim@db?sslmode=require&sslmode=disable', 'gives sslmode twice'],
  ['postgres://db?password=geheim', 'query parameter "password" is not known'],
  ['postgres://me:geheim@db?ssl=true', 'query parameter "ssl" is not known'],
  ['postgres://me:geheim@db?SSLMODE=require', 'query parameter "SSLMODE" is not known'],
  ['postgres://me:geheim@db?__proto__=1', 'query parameter "__proto__" is not known'],
  ['postgres://me:geheim@db?host=a&&', 'query parameter "" is not known'],
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

  it('is shown as far as it is certain where the password is', () => {
    expect(hidePassword('mysql://me:geheim@db:1/x?sslmode=a&password=geheim&flag')).to.equal(
      'mysql://me:***@db:1/x?sslmode=a&password=***&flag=***',
    )
    expect(hidePassword('postgres://[::1]:1/x')).to.equal('postgres://[::1]:1/x')
    expect(hidePassword('postgres://me:geheim')).to.equal('***')
  })
})
