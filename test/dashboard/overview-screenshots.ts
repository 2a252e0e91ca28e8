import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startOwnPostgres } from '../faults/own-postgres.ts'
import { launchChromium } from '../support/chromium.ts'
import { withClient } from '../support/database.ts'
import { storeMinutes } from '../support/minutes.ts'
import { endService, startServiceProcess } from '../support/process.ts'
import { desktop, phone, shoot } from './pictures.ts'

/**
 * Pictures of the view Overview: before there was a click, with two months of clicks on a desk, a phone and a wall, and of
 * the help for the keyboard.
 * node test/dashboard/overview-screenshots.ts → lib/dashboard/pictures, which
 * `pngquant --force --ext .png lib/dashboard/pictures/{overview,shortcuts}*.png` makes small.
 */

const wall = { viewport: { width: 2560, height: 1440 } }
const BANNERS = `INSERT INTO banners (id, name, campaign, labels, pass_query, is_active, version, updated_at, updated_by)
  SELECT 3 * n - 2, season || ' ' || size, CASE WHEN n % 11 <> 10 THEN lower(split_part(season, ' ', 1)) END, '{}', '{}',
    true, gen_random_uuid(), now(), 'shell'
  FROM (
    SELECT n, (ARRAY['Autumn sale', 'Winter coats', 'Spring garden', 'City marathon', 'Night market'])[1 + n % 5] AS season,
      (ARRAY['300×250', '728×90', '160×600', '970×250', '320×50', '336×280'])[1 + n / 5] AS size
    FROM generate_series(0, 27) AS n
  ) AS made WHERE n > 0`
/** Somewhere it is the afternoon, and most of the day is there to be seen. */
const timezoneId = [
  'Europe/Berlin',
  'America/New_York',
  'America/Los_Angeles',
  'Pacific/Auckland',
  'Asia/Kolkata',
].toSorted((one, other) => awayFromAfternoon(one) - awayFromAfternoon(other))[0]!
/** By day and night of that zone, and by weekday: quarters of two days, and the hours before. Some banners come and go. */
const CLICKS = `
  SELECT id, at, greatest(0, round(minutes * 60.0 / (id + 4)
      * (1.15 - cos((extract(hour FROM wall) - 3 + extract(minute FROM wall) / 60) * pi() / 12))
      * (CASE WHEN extract(isodow FROM wall) > 5 THEN 0.7 ELSE 1 END)
      * (1 + 0.6 * sin(id * 1.7 + extract(epoch FROM at) / 190000)) * (0.85 + 0.3 * random())))
  FROM banners, (
    SELECT minutes, at, at AT TIME ZONE $1 AS wall
    FROM (VALUES (15, 2, 0), (60, 62, 2)) AS part (minutes, from_days, to_days), LATERAL generate_series(
      date_trunc('hour', now()) - from_days * interval '1 day',
      CASE to_days WHEN 0 THEN now() ELSE date_trunc('hour', now()) - interval '2 days' END - interval '1 second',
      minutes * interval '1 minute'
    ) AS at
  ) AS times`

const postgres = await startOwnPostgres()
const service = await startServiceProcess({ DATABASE_URL: postgres.url, SERVER_THREADS: '1' })
const browser = await launchChromium()
try {
  const empty = await open(browser, { ...desktop, colorScheme: 'light' })
  await empty.getByText('No click has been counted yet').waitFor()
  await shoot(empty, 'overview-empty-light')

  await postgres.query(BANNERS)
  await withClient(postgres.server, client => storeMinutes(client, CLICKS, [timezoneId]))
  for (const [name, options] of [
    ['overview-light', { ...desktop, colorScheme: 'light' }],
    ['overview-dark', { ...desktop, colorScheme: 'dark' }],
    ['overview-phone-light', { ...phone, colorScheme: 'light' }],
    ['overview-phone-dark', { ...phone, colorScheme: 'dark' }],
    ['overview-wall-dark', { ...wall, colorScheme: 'dark' }],
  ] as const) {
    const page = await open(browser, options)
    await page.locator('.card.down .change').first().waitFor()
    if (name === 'overview-phone-dark') await page.locator('.card.top').scrollIntoViewIfNeeded()
    await shoot(page, name)
    await page.close()
  }
  const light = await open(browser, { ...desktop, colorScheme: 'light' })
  await light.locator('.card.down .change').first().waitFor()
  await light.keyboard.press('?')
  await light.getByRole('dialog').waitFor()
  await shoot(light, 'shortcuts-light')
} finally {
  await browser.close()
  await endService(service)
  await postgres.remove()
}

async function open(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const page = await browser.newPage({ ...options, locale: 'en-GB', timezoneId })
  await page.goto(`${service.url}/dashboard`)
  return page
}

function awayFromAfternoon(zone: string): number {
  const { hour } = Temporal.Now.zonedDateTimeISO(zone)
  return Math.abs(hour - 15)
}
