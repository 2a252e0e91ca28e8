import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'
import { CHROMIUM, findBrowser } from './browser.ts'

/** Starts it without a window. findBrowser may install it. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ ...options, executablePath: findBrowser(CHROMIUM) })
}

/**
 * Starts a Chromium without a window that shows `url`; the page itself does the rest. Nothing drives it: a Chromium that
 * Playwright drives prerenders nothing. Resolves with what ends it.
 */
export async function startChromium(url: string): Promise<() => Promise<void>> {
  const profile = await mkdtemp(join(tmpdir(), 'clickcounter-chromium-'))
  const options = ['--headless', '--no-sandbox', '--no-first-run', '--disable-background-networking']
  const child = spawn(findBrowser(CHROMIUM), [...options, `--user-data-dir=${profile}`, url], {
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  await once(child, 'spawn')
  return async () => {
    child.kill('SIGTERM')
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
