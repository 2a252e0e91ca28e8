import { expect } from 'chai'
import { makeKeyText } from '../../../lib/access/key-text.ts'
import { SCOPES, type Scope } from '../../../lib/access/scopes.ts'
import { createRouteTable } from '../../support/documented.ts'
import { expectRawError } from '../../support/http.ts'
import { accessOf, NO_KEYS, newKey, snapshotOf } from '../../support/keys.ts'
import { type RawAnswer, requestText, talk } from '../../support/raw-http.ts'
import { type LaneServer, startLane } from '../lane/server.ts'

interface TableRoute {
  readonly method: string
  readonly path: string
  /** null: it is public. */
  readonly scope: Scope | null
}

const HOUR_MS = 3_600_000
const ofScope = new Map(SCOPES.map(scope => [scope, newKey([scope])]))
const expired = newKey(SCOPES, Date.now() - HOUR_MS)
const revoked = newKey(SCOPES)
const inForce = snapshotOf([...ofScope.values(), expired])

/** What is in the Authorization header of whom. */
const wrong: Readonly<Record<string, string | null>> = {
  'no key': null,
  'no bearer': 'Basic dXNlcjpwYXNzd29yZA==',
  'a malformed key': 'Bearer cck_1',
  'a wrong key': `Bearer ${makeKeyText()}`,
  'an expired key': `Bearer ${expired.text}`,
  'a revoked key': `Bearer ${revoked.text}`,
}
const right = Object.fromEntries([...ofScope].map(([scope, { text }]) => [scope, `Bearer ${text}`]))
const everybody = Object.entries({ ...wrong, ...right })

/** All routes of the service, from the list that Hapi is made of. */
function tableRoutes(isHealthPublic: boolean): TableRoute[] {
  return createRouteTable({ isHealthPublic })
    .table()
    .flatMap(({ method, path, settings }) => {
      const operation = settings.plugins?.operation
      if (operation === null) return []
      const access = operation?.access
      if (access === undefined || access === 'health') throw new Error(`${method} ${path}: for whom is it?`)
      return [{ method: method.toUpperCase(), path, scope: access === 'public' ? null : access }]
    })
}

/** Asks once over a connection of its own. */
async function ask(
  { port }: LaneServer,
  { method, path }: TableRoute,
  authorization: string | null,
): Promise<RawAnswer> {
  const target = path.replace('{id}', '1').replace('{file}', 'main.js')
  const headers = authorization === null ? [] : [`Authorization: ${authorization}`]
  const answers = await talk(
    port,
    requestText({ method, target, headers: [...headers, 'Connection: close'] }),
  )
  expect(answers).to.have.length(1)
  return answers[0]!
}

for (const isHealthPublic of [true, false])
  describe(`each route lets in whom it should, with HEALTH_IS_PUBLIC=${isHealthPublic}`, () => {
    const access = accessOf()
    const routes = tableRoutes(isHealthPublic)
    let server: LaneServer
    beforeEach(async () => {
      // Another one for each route: this one's limit of failures must not answer for another's.
      server = await startLane({ access, settings: { HEALTH_IS_PUBLIC: String(isHealthPublic) } })
    })
    afterEach(() => server.stop())

    it('and there are routes of each kind', () => {
      const scopes = new Set(routes.map(({ scope }) => scope))
      expect([...scopes]).to.include.members([null, 'count', 'read'])
      const ofHealth = routes.filter(({ path }) => path === '/health' || path === '/metrics')
      expect(ofHealth.map(({ method }) => method).sort()).to.deep.equal(['GET', 'GET', 'OPTIONS'])
      expect(ofHealth.every(({ scope }) => (scope === null) === isHealthPublic)).to.equal(true)
    })

    for (const route of routes) {
      const { method, path, scope } = route

      it(`${method} ${path}, while there are keys`, async () => {
        access.keyring.replace(inForce)
        for (const [who, authorization] of everybody) {
          const answer = await ask(server, route, authorization)
          if (scope === null || who === scope) expect(answer.status, who).not.to.be.oneOf([401, 403, 429])
          else if (who in right) {
            expect(expectRawError(answer, 403), who).to.include(scope)
            expect(answer.headers['www-authenticate']).to.equal(
              `Bearer realm="clickcounter", error="insufficient_scope", scope="${scope}"`,
            )
          } else {
            expectRawError(answer, 401)
            const hasKey = /^Bearer/.test(authorization ?? '')
            expect(answer.headers['www-authenticate'], who).to.equal(
              `Bearer realm="clickcounter"${hasKey ? ', error="invalid_token"' : ''}`,
            )
          }
        }
      })

      it(`${method} ${path}, while there is none`, async () => {
        access.keyring.replace(NO_KEYS)
        for (const [who, authorization] of everybody) {
          const answer = await ask(server, route, authorization)
          if (scope === 'manage' || scope === 'operate')
            expect(expectRawError(answer, 403), who).to.include('npm run keys -- create')
          else expect(answer.status, who).not.to.be.oneOf([401, 403, 429])
        }
      })
    }
  })

describe('each route, while it is not known if there are keys,', () => {
  const access = accessOf()
  let server: LaneServer
  before(async () => {
    server = await startLane({ access, settings: { HEALTH_IS_PUBLIC: 'false' } })
  })
  after(() => server.stop())

  for (const route of tableRoutes(false)) {
    const { method, path, scope } = route
    const isLetIn = scope === null || scope === 'count'
    it(`${isLetIn ? 'goes on' : 'waits'}: ${method} ${path}`, async () => {
      for (const [who, authorization] of everybody) {
        const answer = await ask(server, route, authorization)
        if (isLetIn) expect(answer.body, who).not.to.match(/^.{0,99}the keys are not known/)
        else {
          expect(expectRawError(answer, 503), who).to.include('the keys are not known yet')
          expect(Number(answer.headers['retry-after'])).to.be.above(0)
        }
      }
    })
  }
})
