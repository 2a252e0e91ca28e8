import { canInstall, isExecutable, runInstallation } from './programs.ts'

/** A browser that tests need and npm does not install. */
interface BrowserKind {
  readonly name: string
  /** The environment variable that names another program. */
  readonly variable: string
  readonly places: readonly string[]
  /** Debian's package. */
  readonly package: string
}

export const CHROMIUM: BrowserKind = {
  name: 'Chromium',
  variable: 'CHROME_PATH',
  places: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/snap/bin/chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  package: 'chromium',
}

export const FIREFOX: BrowserKind = {
  name: 'Firefox',
  variable: 'FIREFOX_PATH',
  places: [
    '/usr/bin/firefox-esr',
    '/usr/bin/firefox',
    '/snap/bin/firefox',
    '/Applications/Firefox.app/Contents/MacOS/firefox',
  ],
  package: 'firefox-esr',
}

export interface System {
  readonly environment: NodeJS.ProcessEnv
  readonly isExecutable: (path: string) => boolean
  /** On Debian or a system like it, and allowed to install. */
  readonly canInstall: () => boolean
  readonly run: (command: readonly string[]) => void
}

const system: System = { environment: process.env, isExecutable, canInstall, run: runInstallation }

/**
 * The path of the browser's program. Installs a missing one on Debian as root. Elsewhere throws an error that says how
 * to install it.
 */
export function findBrowser(
  kind: BrowserKind,
  { environment, isExecutable, canInstall, run }: System = system,
): string {
  const named = environment[kind.variable]
  if (named !== undefined) {
    if (isExecutable(named)) return named
    throw new Error(
      `${kind.variable} is ${named}, which is no program: it has to be the path of ${kind.name} or its like`,
    )
  }
  const found = kind.places.find(isExecutable)
  if (found !== undefined) return found
  if (!canInstall()) throw missing(kind)
  try {
    run(['apt-get', 'update'])
    run(installation(kind))
  } catch (cause) {
    throw missing(kind, { cause })
  }
  const installed = kind.places.find(isExecutable)
  if (installed === undefined) throw missing(kind)
  return installed
}

function installation(kind: BrowserKind): string[] {
  return ['apt-get', 'install', '-y', '--no-install-recommends', kind.package]
}

function missing(kind: BrowserKind, options?: ErrorOptions): Error {
  const command = installation(kind).join(' ')
  return new Error(
    `pages are tested in ${kind.name}, which was not found: install it (Debian, as root: ${command}), or name one that is there in ${kind.variable}`,
    options,
  )
}
