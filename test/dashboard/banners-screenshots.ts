import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { createKey } from '../../db/access/change-keys.ts'
import { startOwnPostgres } from '../faults/own-postgres.ts'
import { launchChromium } from '../support/chromium.ts'
import { withClient } from '../support/database.ts'
import { storeMinutes } from '../support/minutes.ts'
import { endService, startServiceProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { desktop, phone, shoot, somewhere } from './pictures.ts'

/**
 * Pictures of the view Banners: without banners, with them, a banner while somebody else has changed it, and an import.
 * node test/dashboard/banners-screenshots.ts → lib/dashboard/pictures, which
 * `pngquant --force --ext .png lib/dashboard/pictures/banner*.png` makes small.
 */

const DAY_MS = 86_400_000
const CLICKS = `SELECT id, date_trunc('minute', now()) - hour * interval '1 hour', 3 + id * 7919 % 461 * (1 + (hour * 7 + id) % 11) / 9
  FROM banners, generate_series(0, 47) AS hour WHERE id % 10 <> 4`
const SEASONS = [
  'Autumn sale',
  'Winter coats',
  'Spring garden',
  'City marathon',
  'Summer reading',
  'Night market',
]
const SIZES = ['300×250', '728×90', '160×600', '970×250', '320×50']
const LABELS = [['mobile'], ['desktop', 'top'], [], ['mobile', 'newsletter'], ['desktop']]

const postgres = await startOwnPostgres()
const service = await startServiceProcess({ DATABASE_URL: postgres.url, SERVER_THREADS: '1' })
const browser = await launchChromium()
try {
  const [newsroom, ada] = [await keyOf('newsroom'), await keyOf('Ada')]
  // Ada's is the second key. As long as the service knows none, it lets everybody read.
  await until(async () => (await ask('cck_', 'GET', '')).status === 401 && (await ask(ada, 'GET', '')).ok)
  const open = (options: BrowserContextOptions) => openView(browser, newsroom, { ...options, ...somewhere })
  const empty = await open({ ...desktop, colorScheme: 'light' })
  await empty.getByRole('button', { name: 'Import a file' }).waitFor()
  await shoot(empty, 'banners-empty-light')

  const registered = await ask(ada, 'POST', '', JSON.stringify(banners(240)))
  if (!registered.ok) throw new Error(await registered.text())
  await withClient(postgres.server, client => storeMinutes(client, CLICKS))
  for (const [name, options] of [
    ['banners-light', { ...desktop, colorScheme: 'light' }],
    ['banners-dark', { ...desktop, colorScheme: 'dark' }],
    ['banners-phone-light', { ...phone, colorScheme: 'light' }],
    ['banners-phone-dark', { ...phone, colorScheme: 'dark' }],
  ] as const) {
    const page = await open(options)
    await page.locator('.today', { hasText: /^\d/ }).first().waitFor()
    if (name.includes('phone-dark')) await page.locator('#banner-rows').scrollIntoViewIfNeeded()
    await shoot(page, name)
  }

  const light = await open({ ...desktop, colorScheme: 'light' })
  await light.getByRole('button', { name: 'Winter coats 300×250' }).first().click()
  await light.getByLabel('Target').fill('https://shop.example/winter?click={click_id}')
  await shoot(light, 'banner-light')
  await ask(ada, 'PATCH', '/16', '{"campaign":"warm","target":"https://shop.example/warm-coats"}')
  await light.getByRole('button', { name: 'Save' }).click()
  await light.locator('.conflict').waitFor()
  await shoot(light, 'banner-conflict-light')

  const dark = await open({ ...desktop, colorScheme: 'dark' })
  await dark.getByRole('button', { name: 'Import' }).first().click()
  const file = banners(900).map(banner => (banner.id % 40 === 1 ? { ...banner, campaign: 'sale' } : banner))
  const buffer = Buffer.from(file.map(banner => `${JSON.stringify(banner)}\n`).join(''))
  await dark.getByLabel('File').setInputFiles({ name: 'december.ndjson', mimeType: '', buffer })
  await dark.getByRole('button', { name: /^Import \d/ }).waitFor()
  await shoot(dark, 'banners-import-dark')
} finally {
  await browser.close()
  await endService(service)
  await postgres.remove()
}

function banners(count: number) {
  const inDays = (days: number) => new Date(Math.floor(Date.now() / DAY_MS + days) * DAY_MS).toISOString()
  return Array.from({ length: count }, (_, index) => {
    const [season, size] = [SEASONS[Math.floor(index / 5) % SEASONS.length]!, SIZES[index % 5]!]
    return {
      id: 1 + index * 3,
      name: `${season} ${size}`,
      target: `https://shop.example/${season.toLowerCase().replaceAll(' ', '-')}?format=${size.replace('×', 'x')}`,
      campaign: season.split(' ')[0]!.toLowerCase(),
      labels: LABELS[index % 5],
      isActive: index % 9 !== 4,
      activeFrom: index % 13 === 6 ? inDays(4) : null,
      activeUntil: index % 13 === 7 ? inDays(-2) : index % 13 === 2 ? inDays(12) : null,
    }
  })
}

async function keyOf(name: string): Promise<string> {
  const wanted = { name, scopes: ['read', 'manage'], expiresAtMs: null, createdBy: 'shell' } as const
  return (await withClient(postgres.server, client => createKey(client, wanted))).text
}

function ask(key: string, method: string, path: string, body?: string): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return fetch(`${service.url}/banners${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
}

async function openView(browser: Browser, key: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options)
  await context.request.post(`${service.url}/session`, { data: { key }, headers: { origin: service.url } })
  const page = await context.newPage()
  await page.goto(`${service.url}/dashboard#/banners`)
  return page
}
