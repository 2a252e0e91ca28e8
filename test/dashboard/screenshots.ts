import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { drive } from '../../bench/drive.ts'
import { startOwnPostgres } from '../faults/own-postgres.ts'
import { untilHealth } from '../faults/service-under-load.ts'
import { launchChromium } from '../support/chromium.ts'
import { endService, startServiceProcess } from '../support/process.ts'

/**
 * Pictures of the dashboard, of a service under load whose Postgres goes away and comes back.
 * node test/dashboard/screenshots.ts [seconds of load, 180 unless given] → lib/dashboard/pictures
 */

const PICTURES = fileURLToPath(new URL('../../lib/dashboard/pictures/', import.meta.url))
const SECONDS = Number(process.argv[2] ?? 180)
const DESKTOP = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
const WALL = { width: 2560, height: 1440 }

const postgres = await startOwnPostgres()
const service = await startServiceProcess({ DATABASE_URL: postgres.url, SERVER_THREADS: '2' })
const browser = await launchChromium()
try {
  const pages = await openPages(browser)
  const load = wander(SECONDS)
  await setTimeout(SECONDS * 550)
  await postgres.stop()
  await setTimeout(SECONDS * 150)
  await pages.shoot('away')
  await postgres.restart()
  await untilHealth(service, ({ status }) => status === 'ok')
  await setTimeout(SECONDS * 150)
  await pages.shoot('counting')
  await load
} finally {
  await browser.close()
  await endService(service)
  await postgres.remove()
}

/** Load as it is in life: never the same two times in a row. */
async function wander(seconds: number): Promise<void> {
  for (let step = 0; step < seconds / 3; step++) {
    const ratePerSecond = Math.round(420 + 130 * Math.sin(step / 5) + 60 * Math.sin(step * 1.7))
    await drive(service.url, { ratePerSecond, seconds: 3 })
  }
}

async function openPages(browser: Browser) {
  const kinds = [
    { name: 'desktop-light', viewport: DESKTOP, colorScheme: 'light' as const },
    { name: 'desktop-dark', viewport: DESKTOP, colorScheme: 'dark' as const },
    { name: 'phone-light', viewport: PHONE, colorScheme: 'light' as const, deviceScaleFactor: 2 },
    { name: 'phone-dark', viewport: PHONE, colorScheme: 'dark' as const, deviceScaleFactor: 2 },
    { name: 'wall-dark', viewport: WALL, colorScheme: 'dark' as const },
  ]
  const pages: { name: string; page: Page }[] = []
  for (const { name, ...options } of kinds) {
    const page = await browser.newPage({ ...options, timezoneId: 'Europe/Berlin' })
    await page.goto(`${service.url}/dashboard#banner=7&range=hour`)
    pages.push({ name, page })
  }
  return {
    async shoot(state: string): Promise<void> {
      for (const { name, page } of pages) {
        await page.screenshot({ path: `${PICTURES}${name}-${state}.png` })
        if (state === 'counting') {
          await page.getByRole('button', { name: 'Show' }).click()
          await page.getByRole('heading', { name: /of banner 7/ }).waitFor()
          await page.locator('#explore').screenshot({ path: `${PICTURES}${name}-explore.png` })
        }
      }
    },
  }
}
