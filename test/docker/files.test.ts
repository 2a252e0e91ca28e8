import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import yaml from 'yaml'
import { settingNames, variableOf } from '../../lib/config/settings.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const textOf = (file: string) => readFileSync(join(ROOT, 'docker', file), 'utf8')
const compose = yaml.parse(textOf('docker-compose.yml'), { merge: true })

describe('the files of Docker', () => {
  it('name files and folders that there are', () => {
    const dockerfile = textOf('Dockerfile')
    const copied = Array.from(dockerfile.matchAll(/^COPY (.+) \S+$/gm), ([, sources]) => sources!.split(' '))
    const run = [dockerfile, textOf('docker-compose.yml')].flatMap(text => text.match(/[\w/-]+\.ts\b/g) ?? [])
    const ignored = textOf('Dockerfile.dockerignore').match(/(?<=^!?)[\w./-]+$/gm)!
    const paths = [...copied.flat(), ...run, ...ignored]
    expect(paths).to.include.members(['lib', 'lib/main.ts', 'db/migrate-command.ts', 'package.json'])
    expect(paths.filter(path => !existsSync(join(ROOT, path)))).to.deep.equal([])
  })

  it('hand every setting to the service, but for a URL instead of its parts', () => {
    const { environment } = compose.services.clickcounter
    const variables = settingNames.filter(name => name !== 'DATABASE_URL').map(variableOf)
    expect(Object.keys(environment)).to.have.members(variables)
  })
})
