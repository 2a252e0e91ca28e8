import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { isExecutable, isRoot } from './programs.ts'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
const INSTALL = ['apt-get', 'install', '-y', '--no-install-recommends', 'chromium']

/**
 * A real browser, without a window. Where there is none it is installed, on Debian and as root; elsewhere this
 * throws, and says how to install it. CHROME_PATH names another one.
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium({ ...system, environment: process.env }) })
}

export interface System {
  readonly environment: NodeJS.ProcessEnv
  readonly isExecutable: (path: string) => boolean
  /** Debian or one of its kind, and allowed to install. */
  readonly canInstall: () => boolean
  readonly run: (command: readonly string[]) => void
}

const system: Omit<System, 'environment'> = {
  isExecutable,
  canInstall: () => isRoot && existsSync('/etc/debian_version'),
  run([program, ...options]) {
    console.log(`      Chromium is missing: ${program} ${options.join(' ')}`)
    execFileSync(program!, options, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  },
}

/** Path of the browser's program. Throws where there is none and none can be installed. */
export function findChromium({ environment, isExecutable, canInstall, run }: System): string {
  const named = environment.CHROME_PATH
  if (named !== undefined) {
    if (isExecutable(named)) return named
    throw new Error(
      `CHROME_PATH is ${named}, which is no program: it has to be the path of Chromium or Chrome`,
    )
  }
  const found = PLACES.find(isExecutable)
  if (found !== undefined) return found
  if (!canInstall()) throw missing()
  try {
    run(['apt-get', 'update'])
    run(INSTALL)
  } catch (cause) {
    throw missing({ cause })
  }
  const installed = PLACES.find(isExecutable)
  if (installed === undefined) throw missing()
  return installed
}

function missing(options?: ErrorOptions): Error {
  return new Error(
    `the dashboard is tested in Chromium, which was not found: install it (Debian, as root: ${INSTALL.join(' ')}), or name one that is there in CHROME_PATH`,
    options,
  )
}
