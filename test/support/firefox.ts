import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const program = findBrowser(FIREFOX)
  const profile = await mkdtemp(join(tmpdir(), 'clickcounter-firefox-'))
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  await writeFile(join(profile, 'user.js'), lines.join(''))
  const firefox = spawn(program, ['--headless', '--no-remote', '--profile', profile, url], {
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
    stdio: 'ignore',
  })
  const ended = once(firefox, 'exit')
  await once(firefox, 'spawn')
  return async () => {
    firefox.kill('SIGTERM')
    const timer = setTimeout(() => firefox.kill('SIGKILL'), END_MS)
    await ended
    clearTimeout(timer)
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
