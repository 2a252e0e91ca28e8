import { expect } from 'chai'
import { makeKeyText } from '../../../lib/access/key-text.ts'
import { type Access, SCOPES, type Scope } from '../../../lib/access/scopes.ts'
import { createRouteTable } from '../../support/documented.ts'
import { expectRawError } from '../../support/http.ts'
import { type RawAnswer, requestText, talk } from '../../support/raw-http.ts'
import { type LaneServer, startLane } from '../lane/server.ts'
import { accessOf, newKey, snapshotOf } from './keys.ts'

interface TableRoute {
  readonly method: string
  readonly path: string
  readonly access: Access
}

const HOUR_MS = 3_600_000
const ofScope = new Map(SCOPES.map(scope => [scope, newKey([scope])]))
const expired = newKey(SCOPES, Date.now() - HOUR_MS)
const revoked = newKey(SCOPES)
const inForce = snapshotOf([...ofScope.values(), expired])

const wrong: Readonly<Record<string, string | null>> = {
  'no key': null,
  'no bearer': 'Basic dXNlcjpwYXNzd29yZA==',
  'a malformed key': 'Bearer cck_1',
  'a wrong key': `Bearer ${makeKeyText()}`,
  'an expired key': `Bearer ${expired.text}`,
  'a revoked key': `Bearer ${revoked.text}`,
}
const right = Object.fromEntries([...ofScope].map(([scope, { text }]) => [scope, `Bearer ${text}`]))
const everything = { ...wrong, ...right }

/** All routes of the service, from the list that Hapi is made of. */
function tableRoutes(): TableRoute[] {
  return createRouteTable()
    .table()
    .flatMap(({ method, path, settings }) => {
      const operation = settings.plugins?.operation
      if (operation === null) return []
      if (operation?.access === undefined) throw new Error(`${method} ${path} does not say who may use it`)
      return [{ method: method.toUpperCase(), path, access: operation.access }]
    })
}

/** The scope that a route needs; null: it is public. */
function scopeOf(access: Access): Scope | null {
  return access === 'public' || access === 'health' ? null : access
}

describe('each route lets in whom it should', () => {
  const access = accessOf()
  const { keyring } = access
  const routes = tableRoutes()
  let server: LaneServer
  before(async () => {
    server = await startLane({ access })
  })
  after(() => server.stop())

  async function ask({ method, path }: TableRoute, authorization: string | null): Promise<RawAnswer> {
    const target = path.replace('{id}', '1').replace('{file}', 'main.js')
    const headers = authorization === null ? [] : [`Authorization: ${authorization}`]
    const text = requestText({ method, target, headers: [...headers, 'Connection: close'] })
    const answers = await talk(server.port, text)
    expect(answers).to.have.length(1)
    return answers[0]!
  }

  for (const route of routes) {
    const name = `${route.method} ${route.path}`
    const scope = scopeOf(route.access)

    it(`${name}, while there are keys`, async () => {
      keyring.replace(inForce)
      for (const [who, authorization] of Object.entries(everything)) {
        const answer = await ask(route, authorization)
        if (scope === null || who === scope) expect(answer.status, who).not.to.be.oneOf([401, 403])
        else if (who in right) {
          expect(expectRawError(answer, 403), who).to.include(scope)
          expect(answer.headers['www-authenticate']).to.include('error="insufficient_scope"')
        } else {
          expectRawError(answer, 401)
          const hasKey = /^Bearer/.test(authorization ?? '')
          expect(answer.headers['www-authenticate'], who).to.equal(
            `Bearer realm="clickcounter"${hasKey ? ', error="invalid_token"' : ''}`,
          )
        }
      }
    })

    it(`${name}, while there is none`, async () => {
      keyring.replace(snapshotOf([]))
      for (const [who, authorization] of Object.entries(everything)) {
        const answer = await ask(route, authorization)
        if (scope === 'manage' || scope === 'operate')
          expect(expectRawError(answer, 403), who).to.include('npm run keys -- create')
        else expect(answer.status, who).not.to.be.oneOf([401, 403])
      }
    })
  }
})
