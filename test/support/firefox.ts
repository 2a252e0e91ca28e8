import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { openBidi } from './bidi.ts'
import { FIREFOX, findBrowser } from './browser.ts'

/** It speaks to nobody but the pages that it is given, and shows no pages of its own. */
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.auto': false,
  'browser.aboutwelcome.enabled': false,
  'browser.newtabpage.enabled': false,
  'browser.safebrowsing.downloads.remote.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.systemAddon.update.enabled': false,
  'extensions.update.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9/',
  'toolkit.telemetry.unified': false,
}

const END_MS = 10_000

/** Starts a Firefox without a window that shows `url`; the page itself does the rest. Resolves with what ends it. */
export async function startFirefox(url: string): Promise<() => Promise<void>> {
  return (await spawnFirefox([url])).close
}

/** Starts a Firefox without a window that a test drives. */
export async function launchFirefox() {
  const { child, close } = await spawnFirefox(['--remote-debugging-port=0'])
  try {
    const bidi = await openBidi(await addressSaidBy(child))
    return { openTab: bidi.openTab, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function spawnFirefox(options: readonly string[]) {
  const program = findBrowser(FIREFOX)
  const profile = await mkdtemp(join(tmpdir(), 'clickcounter-firefox-'))
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  await writeFile(join(profile, 'user.js'), lines.join(''))
  const child = spawn(program, ['--headless', '--no-remote', '--profile', profile, ...options], {
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  await once(child, 'spawn')
  // Read to its end, so that it never waits to write.
  child.stderr.resume()
  return {
    child,
    async close() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
      await ended
      clearTimeout(timer)
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Rejects when the browser ends without saying where it listens. */
function addressSaidBy(firefox: ChildProcessByStdio<null, null, Readable>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ''
  firefox.stderr.on('data', text => {
    said += text
    const address = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1]
    if (address !== undefined) resolve(address)
  })
  firefox.once('exit', () => reject(new Error(`Firefox has ended: ${said}`)))
  return promise
}
