import { type Browser, chromium, type LaunchOptions } from 'playwright-core'
import { CHROMIUM, findBrowser } from './browser.ts'

/** Starts it without a window. findBrowser may install it. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ ...options, executablePath: findBrowser(CHROMIUM) })
}
