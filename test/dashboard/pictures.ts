import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const PICTURES = fileURLToPath(new URL('../../lib/dashboard/pictures/', import.meta.url))

export const desktop = { viewport: { width: 1440, height: 900 } }
export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5 }
export const somewhere = { locale: 'en-GB', timezoneId: 'Europe/Berlin' }

/** Keeps a picture of what is seen. */
export async function shoot(page: Pick<Page, 'screenshot'>, name: string): Promise<void> {
  await page.screenshot({ path: `${PICTURES}${name}.png` })
}
