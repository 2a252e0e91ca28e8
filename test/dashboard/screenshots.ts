import { setTimeout } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { createKey } from '../../db/access/change-keys.ts'
import type { SessionReport } from '../../lib/access/session-report.ts'
import { startOwnPostgres } from '../faults/own-postgres.ts'
import { launchChromium } from '../support/chromium.ts'
import { withClient } from '../support/database.ts'
import { drive } from '../support/drive.ts'
import { untilHealth } from '../support/health.ts'
import { endService, startServiceProcess } from '../support/process.ts'
import { LEADING } from '../support/settings.ts'
import { until } from '../support/until.ts'
import { desktop, phone, shoot, somewhere } from './pictures.ts'

/**
 * Pictures of the view Live: the dashboard asks for a key; of a service under load, while its Postgres is away, and after it
 * has come back. node test/dashboard/screenshots.ts [seconds of load, 150 unless given] → lib/dashboard/pictures,
 * which `pngquant --force --ext .png lib/dashboard/pictures/*.png` makes small.
 */

const SECONDS = Number(process.argv[2] ?? 150)
const STEP_SECONDS = 3
const newsroom = { name: 'newsroom', scopes: ['read'], expiresAtMs: null, createdBy: 'shell' } as const

const postgres = await startOwnPostgres()
const service = await startServiceProcess({ ...LEADING, DATABASE_URL: postgres.url, SERVER_THREADS: '2' })
const browser = await launchChromium()
try {
  const { text } = await withClient(postgres.server, client => createKey(client, newsroom))
  await until(async () => !(await sessionOf(service.url)).open)
  const [light, dark, phoneLight, phoneDark] = await Promise.all([
    open(browser, { ...desktop, colorScheme: 'light' }),
    open(browser, { ...desktop, colorScheme: 'dark' }),
    open(browser, { ...phone, colorScheme: 'light' }),
    open(browser, { ...phone, colorScheme: 'dark' }),
  ])
  const load = wander(SECONDS)
  await setTimeout(SECONDS * 300)
  await shoot(light, 'log-in-light')
  await shoot(phoneDark, 'log-in-phone-dark')
  for (const page of [light, dark, phoneLight, phoneDark]) await logIn(page, text)
  await setTimeout(SECONDS * 250)
  await postgres.stop()
  await setTimeout(SECONDS * 150)
  await shoot(dark, 'desktop-dark')
  await shoot(phoneLight, 'phone-light')
  await postgres.restart()
  await untilHealth(service, ({ status }) => status === 'ok')
  await setTimeout(SECONDS * 150)
  await shoot(light, 'desktop-light')
  await shoot(phoneDark, 'phone-dark')
  await load
} finally {
  await browser.close()
  await endService(service)
  await postgres.remove()
}

/** Load as it is in life: never the same two times in a row. */
async function wander(seconds: number): Promise<void> {
  for (let step = 0; step < seconds / STEP_SECONDS; step++) {
    const ratePerSecond = Math.round(420 + 130 * Math.sin(step / 5) + 60 * Math.sin(step * 1.7))
    await drive(service.url, { ratePerSecond, seconds: STEP_SECONDS })
  }
}

async function open(browser: Browser, options: Parameters<Browser['newPage']>[0]): Promise<Page> {
  const page = await browser.newPage({ ...options, ...somewhere })
  await page.goto(`${service.url}/dashboard#/live`)
  return page
}

async function sessionOf(url: string): Promise<SessionReport> {
  return (await (await fetch(`${url}/session`)).json()) as SessionReport
}

async function logIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key', { exact: true }).fill(key)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('Logged in with the key newsroom').waitFor()
}
