import { expect } from 'chai'
import { healthSchema } from '../../../lib/health/schema.ts'
import {
  CONTROL,
  DATABASE_DOWN,
  DATABASE_UP,
  SERVICE_SERVING,
  SERVICE_STARTING,
  SERVICE_STOPPING,
} from '../../../lib/memory/layout.ts'
import { READINESS_OUTDATED, READINESS_READY, READINESS_STARTING } from '../../../lib/memory/readiness.ts'
import { startIdleThread } from '../../support/thread.ts'

describe('health by the state of the service', () => {
  let thread: Awaited<ReturnType<typeof startIdleThread>>
  let url: string
  before(async () => {
    // Without a flusher: that would put the database's state, and the backlog's, right again.
    thread = await startIdleThread()
    url = thread.url
  })
  after(() => thread.stop())

  const states = [
    {
      serviceState: SERVICE_STARTING,
      databaseState: DATABASE_UP,
      backlogIsFull: 0,
      status: 'starting',
      code: 503,
    },
    { serviceState: SERVICE_SERVING, databaseState: DATABASE_UP, backlogIsFull: 0, status: 'ok', code: 200 },
    {
      serviceState: SERVICE_SERVING,
      databaseState: DATABASE_DOWN,
      backlogIsFull: 0,
      status: 'degraded',
      code: 200,
    },
    {
      serviceState: SERVICE_SERVING,
      databaseState: DATABASE_DOWN,
      backlogIsFull: 1,
      status: 'refusing',
      code: 503,
    },
    {
      serviceState: SERVICE_STOPPING,
      databaseState: DATABASE_UP,
      backlogIsFull: 0,
      status: 'stopping',
      code: 503,
    },
  ]
  for (const [state, status] of [
    [READINESS_STARTING, 'starting'],
    [READINESS_OUTDATED, 'outdated'],
  ] as const)
    it(`answers 503 on /health/ready, with ${status}, although clicks are accepted`, async () => {
      const { i32 } = thread.memory
      Atomics.store(i32, CONTROL.serviceState, SERVICE_SERVING)
      Atomics.store(i32, CONTROL.databaseState, DATABASE_UP)
      Atomics.store(i32, CONTROL.readiness, state)
      const ready = await fetch(`${url}/health/ready`)
      expect([ready.status, await ready.json()]).to.deep.equal([503, { status }])
      expect((await fetch(`${url}/`, { method: 'OPTIONS' })).status).to.equal(503)
      expect((await fetch(`${url}/health`)).status).to.equal(200)
      Atomics.store(i32, CONTROL.serviceState, SERVICE_STOPPING)
      expect(await (await fetch(`${url}/health/ready`)).json()).to.deep.equal({ status: 'stopping' })
      Atomics.store(i32, CONTROL.readiness, READINESS_READY)
    })

  for (const { status, code, ...state } of states)
    it(`answers ${code} when ${status}, on /health and on /health/ready, and lives`, async () => {
      for (const [name, value] of Object.entries(state))
        Atomics.store(thread.memory.i32, CONTROL[name as keyof typeof CONTROL], value)
      for (const path of ['/health', '/health/ready']) {
        const response = await fetch(`${url}${path}`)
        expect(response.status, path).to.equal(code)
        expect(response.headers.get('retry-after'), path).to.equal(code === 503 ? '1' : null)
        expect(response.headers.get('cache-control'), path).to.equal('no-store')
        expect(response.headers.get('access-control-allow-origin'), path).to.equal('*')
        const body = await response.json()
        expect(body, path).to.include({ status })
        if (path === '/health')
          expect(healthSchema.validate(body, { convert: false }).error?.message).to.equal(undefined)
      }
      const live = await fetch(`${url}/health/live`)
      expect(live.status).to.equal(200)
      expect(live.headers.get('cache-control')).to.equal('no-store')
      expect(await live.json()).to.deep.equal({ status: 'live' })
    })
})
