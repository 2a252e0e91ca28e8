import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { settingNames, variableOf } from '../../lib/config/settings.ts'
import { environmentOf } from '../support/settings.ts'

const command = join(import.meta.dirname, '../../lib/config/print.ts')

function print(settings: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const env = { PATH: process.env.PATH, ...environmentOf(settings) }
  return spawnSync(process.execPath, [command, ...args], { env, encoding: 'utf8', timeout: 10_000 })
}

describe('the config command', () => {
  let directory: string
  before(() => (directory = mkdtempSync(join(tmpdir(), 'clickcounter-print-'))))
  after(() => rmSync(directory, { recursive: true }))

  it('prints every setting with its value and origin in aligned columns', () => {
    const file = join(directory, 'config.yaml')
    writeFileSync(file, 'server: { port: 82 }')
    const { status, stdout, stderr } = print({ CONFIG_FILE: file, SERVER_HOST: 'localhost' })
    expect([status, stderr]).to.deep.equal([0, ''])
    const [table = ''] = stdout.split('\n\n')
    const lines = table.split('\n')
    expect(lines.map(line => line.split(/ {2,}/)[0])).to.deep.equal([
      'variable',
      ...settingNames.map(variableOf),
    ])
    expect(lines.map(line => line.split(/ {2,}/)).slice(0, 3)).to.deep.equal([
      ['variable', 'value', 'from'],
      ['CLICKCOUNTER_SERVER_HOST', 'localhost', 'environment'],
      ['CLICKCOUNTER_SERVER_PORT', '82', file],
    ])
    const columns = lines[0]!.indexOf('value')
    for (const line of lines) expect(line.slice(columns - 2, columns + 1)).to.match(/^ {2}\S$/)
  })

  it('names the embedded Postgres when no database is set, and only then', () => {
    expect(print({ DATA_DIR: directory }).stdout).to.contain(`the embedded Postgres in ${directory} is used`)
    expect(print({ DATABASE_HOST: 'db' }).stdout).not.to.contain('embedded')
  })

  it('hides passwords', () => {
    const url = print({ DATABASE_URL: 'postgres://me:geheim@db' })
    expect(url.stdout).to.contain('postgres://me:***@db').and.not.to.contain('geheim')
    const parts = print({ DATABASE_HOST: 'db', DATABASE_PASSWORD: 'geheim' })
    expect(parts.stdout)
      .to.match(/DATABASE_PASSWORD +\*\*\* +environment/)
      .and.not.to.contain('geheim')
  })

  it('exits with 1 and the mistakes on stderr when a setting is wrong', () => {
    const { status, stdout, stderr } = print({ SERVER_PORT: 'x', MAX_BANNERS: '0' })
    expect([status, stdout]).to.deep.equal([1, ''])
    expect(stderr).to.match(/^CLICKCOUNTER_SERVER_PORT is .*\nCLICKCOUNTER_MAX_BANNERS is .*\n$/)
  })

  it('warns of a value of an earlier version, and prints what is taken', () => {
    const { status, stdout, stderr } = print({ JOURNAL_SYNC: 'off' })
    expect(status).to.equal(0)
    expect(stdout).to.match(/JOURNAL_SYNC +write +environment/)
    expect(stderr).to.match(
      /^Warning: CLICKCOUNTER_JOURNAL_SYNC is "off", which is no longer a choice; "write" is taken instead\.\n$/,
    )
  })

  it('warns of variables that mean nothing, and goes on', () => {
    const { status, stderr } = print({ SERVR_PORT: '1', PORT: '8081', COLOUR: 'red' })
    expect(status).to.equal(0)
    expect(stderr.split('\n')).to.deep.equal([
      'Warning: CLICKCOUNTER_COLOUR is not a setting.',
      'Warning: CLICKCOUNTER_PORT is not a setting (CLICKCOUNTER_SERVER_PORT or CLICKCOUNTER_DATABASE_PORT is).',
      'Warning: CLICKCOUNTER_SERVR_PORT is not a setting (CLICKCOUNTER_SERVER_PORT is).',
      '',
    ])
  })

  it('explains itself with --help, whatever the settings', () => {
    const { status, stdout } = print({ SERVER_PORT: 'x' }, '--help')
    expect(status).to.equal(0)
    expect(stdout).to.contain('npm run config').and.to.contain('CLICKCOUNTER_CONFIG_FILE')
  })

  it('refuses other arguments', () => {
    const { status, stderr } = print({}, '--json')
    expect(status).to.equal(1)
    expect(stderr).to.contain('--json').and.to.contain('--help')
  })
})
