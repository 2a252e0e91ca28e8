import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { ServiceProcess } from '../test/support/process.ts'

/** Clicks in Postgres, once the service says that none is pending. */
export async function storedClicks({ url, dataDir }: ServiceProcess): Promise<number> {
  while ((await pendingClicks(url)) > 0) await sleep(100)
  const client = new pg.Client(
    await readFile(join(dataDir, 'postgres.url'), 'utf8').then(text => text.trim()),
  )
  await client.connect()
  try {
    const { rows } = await client.query('SELECT coalesce(sum(clicks), 0)::text AS total FROM click_minutes')
    return Number(rows[0].total)
  } finally {
    await client.end()
  }
}

async function pendingClicks(url: string): Promise<number> {
  const { clicks } = (await (await fetch(`${url}/health`)).json()) as { clicks: { pending: number } }
  return clicks.pending
}
