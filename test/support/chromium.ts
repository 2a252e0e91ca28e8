import { type Browser, chromium } from 'playwright-core'
import { CHROMIUM, findBrowser } from './browser.ts'

/** Starts it without a window. findBrowser may install it. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(CHROMIUM) })
}
