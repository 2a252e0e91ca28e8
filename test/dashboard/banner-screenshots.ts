import type { Browser, BrowserContextOptions } from 'playwright-core'
import { startOwnPostgres } from '../faults/own-postgres.ts'
import { launchChromium } from '../support/chromium.ts'
import { withClient } from '../support/database.ts'
import { storeMinutes } from '../support/minutes.ts'
import { endService, startServiceProcess } from '../support/process.ts'
import { desktop, phone, shoot, somewhere } from './pictures.ts'

/**
 * Pictures of the view Banner: a week against the one before, with a step that is read; a year, in the dark; today, on a
 * phone; a month, on a wall. node test/dashboard/banner-screenshots.ts → lib/dashboard/pictures, which
 * `pngquant --force --ext .png lib/dashboard/pictures/clicks-*.png` makes small.
 */

const ADMIN_KEY = 'a-key-of-pictures-and-of-nothing-else'
/** More by day than by night, less at weekends, more from month to month, and never twice the same. */
const TWO_YEARS = `
  SELECT 7, at, clicks, clicks / 37, clicks / 90 FROM (
    SELECT at, round(greatest(0,
      60 * (1.1 + sin((extract(hour FROM at) + extract(minute FROM at) / 60 - 8) * pi() / 12))
      * (CASE WHEN extract(isodow FROM at) > 5 THEN 0.6 ELSE 1 END)
      * exp(-extract(epoch FROM now() - at) / 3e7)
      * (0.8 + 0.2 * sin(extract(epoch FROM at) / 4e5) + 0.4 * random())))::bigint AS clicks
    FROM generate_series(date_trunc('hour', now()) - interval '730 days', now(), interval '15 minutes') AS at
  ) AS counted`

const postgres = await startOwnPostgres()
const service = await startServiceProcess({ DATABASE_URL: postgres.url, SERVER_THREADS: '1', ADMIN_KEY })
const browser = await launchChromium()
try {
  await fetch(`${service.url}/banners/7`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'Autumn sale 300×250',
      target: 'https://shop.example/',
      campaign: 'autumn',
    }),
  })
  await withClient(postgres.server, client => storeMinutes(client, TWO_YEARS))
  for (const [name, query, options] of [
    ['clicks-light', 'range=7days&compare=previous', { ...desktop, colorScheme: 'light' }],
    ['clicks-year-dark', 'range=12months&compare=year', { ...desktop, colorScheme: 'dark' }],
    ['clicks-phone-light', 'range=today', { ...phone, colorScheme: 'light' }],
    ['clicks-wall-dark', 'range=30days&compare=previous', { ...wall(), colorScheme: 'dark' }],
  ] as const) {
    const page = await open(browser, query, options)
    if (name === 'clicks-light')
      await page.locator('.clicks-chart .u-over').hover({ position: { x: 700, y: 120 } })
    if (name === 'clicks-phone-light')
      await page.locator('#answer-title').evaluate(title => title.scrollIntoView())
    await shoot(page, name)
  }
} finally {
  await browser.close()
  await endService(service)
  await postgres.remove()
}

function wall() {
  return { viewport: { width: 2560, height: 1440 } }
}

async function open(browser: Browser, query: string, options: BrowserContextOptions) {
  const context = await browser.newContext({ ...options, ...somewhere })
  const login = { data: { key: ADMIN_KEY }, headers: { origin: service.url } }
  await context.request.post(`${service.url}/session`, login)
  const page = await context.newPage()
  await page.goto(`${service.url}/dashboard#/banner?id=7&${query}`)
  await page.locator('.clicks-chart .u-over').waitFor()
  await page.locator('.sentence', { hasText: 'Counting.' }).waitFor()
  return page
}
