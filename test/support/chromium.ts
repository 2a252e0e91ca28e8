import { type Browser, chromium } from 'playwright-core'
import { CHROMIUM, findBrowser } from './browser.ts'

/** Without a window. It may have to be installed, see findBrowser. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(CHROMIUM) })
}
