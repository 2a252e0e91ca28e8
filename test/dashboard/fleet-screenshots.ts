import { startOwnPostgres } from '../faults/own-postgres.ts'
import { launchChromium } from '../support/chromium.ts'
import { withClient } from '../support/database.ts'
import { endService, startServiceProcess } from '../support/process.ts'
import { desktop, phone, shoot, somewhere } from './pictures.ts'

/**
 * Pictures of the view Fleet: one instance that serves, and rows of others, of which one lags, one is lost and one has
 * stopped.
 * node test/dashboard/fleet-screenshots.ts → lib/dashboard/pictures, which
 * `pngquant --force --ext .png lib/dashboard/pictures/fleet*.png` makes small.
 */

/** $1 name, $2 state, and seconds ago: $3 last heard of, $4 final through. $5 clicks that wait. */
const ROW = `INSERT INTO click_instances
    (writer, name, version, started_at, seen_at, state, pending, pending_since, final_through)
  SELECT gen_random_uuid(), $1, version, now() - interval '2 days', now() - make_interval(secs => $3), $2, $5::bigint,
    CASE WHEN $5::bigint > 0 THEN now() - make_interval(secs => $4) END, now() - make_interval(secs => $4)
  FROM click_instances LIMIT 1`

const postgres = await startOwnPostgres()
const service = await startServiceProcess({
  DATABASE_URL: postgres.url,
  SERVER_THREADS: '1',
  INSTANCE_NAME: 'web-1',
})
const browser = await launchChromium()
try {
  for (const row of [
    ['web-2', 'serving', 1, 47, 12_408],
    ['web-3', 'serving', 312, 314, 1_204],
    ['web-4', 'stopped', 3_600, 3_601, 0],
  ])
    await withClient(postgres.server, client => client.query(ROW, row))
  for (const [name, options] of [
    ['fleet-light', { ...desktop, colorScheme: 'light' }],
    ['fleet-dark', { ...desktop, colorScheme: 'dark' }],
    ['fleet-phone-light', { ...phone, colorScheme: 'light' }],
  ] as const) {
    const page = await browser.newPage({ ...options, ...somewhere })
    await page.goto(`${service.url}/dashboard#/fleet`)
    await page.getByText('web-4').waitFor()
    await shoot(page, name)
    await page.close()
  }
} finally {
  await browser.close()
  await endService(service)
  await postgres.remove()
}
