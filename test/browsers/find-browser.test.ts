import { expect } from 'chai'
import { CHROMIUM, FIREFOX, findBrowser, type System } from '../support/browser.ts'

/** A system with the given programs, on which installing succeeds or does not. */
function systemOf(programs: string[], options: Partial<System> = {}) {
  const commands: string[] = []
  const system: System = {
    environment: {},
    isExecutable: path => programs.includes(path),
    canInstall: () => false,
    run: command => void commands.push(command.join(' ')),
    ...options,
  }
  return { system, commands }
}

describe('the tests’ browser', () => {
  it('is the one that CHROME_PATH names, before any other', () => {
    const { system } = systemOf(['/opt/chrome', '/usr/bin/chromium'], {
      environment: { CHROME_PATH: '/opt/chrome' },
    })
    expect(findBrowser(CHROMIUM, system)).to.equal('/opt/chrome')
  })

  it('is no other one when CHROME_PATH names a program that is not there', () => {
    const { system } = systemOf(['/usr/bin/chromium'], { environment: { CHROME_PATH: '/opt/none' } })
    expect(() => findBrowser(CHROMIUM, system)).to.throw(/CHROME_PATH is \/opt\/none/)
  })

  it('is looked for where it usually is', () => {
    expect(findBrowser(CHROMIUM, systemOf(['/usr/bin/google-chrome']).system)).to.equal(
      '/usr/bin/google-chrome',
    )
  })

  it('can be another kind, with another name for it', () => {
    const { system } = systemOf(['/opt/firefox', '/usr/bin/chromium'], {
      environment: { FIREFOX_PATH: '/opt/firefox', CHROME_PATH: '/usr/bin/chromium' },
    })
    expect(findBrowser(FIREFOX, system)).to.equal('/opt/firefox')
    expect(findBrowser(FIREFOX, systemOf(['/usr/bin/firefox-esr', '/usr/bin/chromium']).system)).to.equal(
      '/usr/bin/firefox-esr',
    )
    expect(() => findBrowser(FIREFOX, systemOf(['/usr/bin/chromium']).system)).to.throw(
      /apt-get install -y --no-install-recommends firefox-esr.*FIREFOX_PATH/,
    )
  })

  it('is installed on Debian by root', () => {
    const programs: string[] = []
    const { system, commands } = systemOf(programs, {
      canInstall: () => true,
      run: command => {
        commands.push(command.join(' '))
        if (command.includes('install')) programs.push('/usr/bin/chromium')
      },
    })
    expect(findBrowser(CHROMIUM, system)).to.equal('/usr/bin/chromium')
    expect(commands).to.deep.equal(['apt-get update', 'apt-get install -y --no-install-recommends chromium'])
  })

  it('is asked for when installing fails, with the command and the cause', () => {
    const cause = new Error('no network')
    const { system } = systemOf([], {
      canInstall: () => true,
      run() {
        throw cause
      },
    })
    expect(() => findBrowser(CHROMIUM, system))
      .to.throw(/apt-get install -y --no-install-recommends chromium/)
      .with.property('cause', cause)
  })

  it('is asked for on other systems, with the command that installs it', () => {
    const { system, commands } = systemOf([])
    expect(() => findBrowser(CHROMIUM, system)).to.throw(
      /apt-get install -y --no-install-recommends chromium/,
    )
    expect(commands).to.deep.equal([])
  })
})
