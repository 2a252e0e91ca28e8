import { noBanners } from '../../support/banners.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { newKey, snapshotOf, type TestKey } from '../../support/keys.ts'
import { type PostgresProxy, startPostgresProxy } from '../../support/proxy.ts'
import type { Settings } from '../../support/settings.ts'

export const manager = { ...newKey(['manage', 'read']), name: 'newsroom' }
export const reader = newKey(['read'])

export interface Ask {
  readonly method?: string
  readonly key?: Pick<TestKey, 'text'> | null
  readonly headers?: Readonly<Record<string, string>>
  /** One that is no text, bytes or stream is sent as JSON. */
  readonly body?: unknown
}

/** A request thread with its own database, and keys that may read and change banners. */
export async function startBannersTest(settings: Settings = {}) {
  let proxy: PostgresProxy
  let refreshes = 0
  const test: HttpTest = await startHttpTest({
    settings,
    banners: { ...noBanners, refresh: async () => void refreshes++ },
    through: async server => {
      proxy = await startPostgresProxy(server)
      return proxy.server
    },
  })
  test.thread.keyring.replace(snapshotOf([manager, reader]))
  return {
    test,
    proxy: proxy!,
    /** How often main was asked to read the banners again. */
    refreshes: () => refreshes,
    /** Asks for /banners and what follows. */
    ask(path: string, { method = 'GET', key = manager, headers = {}, body }: Ask = {}): Promise<Response> {
      return fetch(`${test.thread.url}/banners${path}`, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key.text}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...bodyOf(body),
      })
    },
    async stop() {
      proxy.restore()
      await test.stop()
      await proxy.close()
    },
  }
}

export type BannersTest = Awaited<ReturnType<typeof startBannersTest>>

/** Asserts that it is an error of this status, and returns its message. */
export async function messageOf(answer: Response, status: number): Promise<string> {
  return expectError(answer.status, await answer.text(), status)
}

function bodyOf(body: unknown): RequestInit {
  if (body === undefined) return {}
  const isSentAsItIs = typeof body === 'string' || ArrayBuffer.isView(body) || body instanceof ReadableStream
  return { body: isSentAsItIs ? (body as string) : JSON.stringify(body), duplex: 'half' }
}
