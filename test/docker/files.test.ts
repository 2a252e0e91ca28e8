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

  it('are quoted by the page on proxies as they are', () => {
    const page = readFileSync(join(ROOT, 'docs/proxies.md'), 'utf8')
    const files: Readonly<Record<string, string>> = {
      nginx: textOf('fleet/nginx.conf'),
      haproxy: textOf('fleet/haproxy.cfg'),
      caddy: textOf('fleet/Caddyfile'),
    }
    const quotes = Array.from(page.matchAll(/^```(\w+)\n([^`]+)^```$/gm), ([, of, text]) => [of!, text!])
    expect(new Set(quotes.map(([of]) => of))).to.deep.equal(new Set(Object.keys(files)))
    expect(quotes.filter(([of, text]) => !files[of!]!.includes(text!))).to.deep.equal([])
  })

  it('hand every setting to the service, but for a URL instead of its parts', () => {
    const { environment } = compose.services.clickcounter
    const variables = settingNames.filter(name => name !== 'DATABASE_URL').map(variableOf)
    expect(Object.keys(environment)).to.have.members(variables)
  })

  describe('for a fleet', () => {
    const { services, volumes } = compose
    const instances = Object.keys(services).filter(name => name.startsWith('web-'))
    const proxies = ['nginx', 'haproxy'].map(name => services[name])

    it('start three instances, each with a volume, an address and a name of its own, in a profile', () => {
      expect(instances).to.deep.equal(['web-1', 'web-2', 'web-3'])
      for (const name of instances) {
        const { environment, volumes: mounts, profiles, stop_grace_period: grace } = services[name]
        expect(environment).to.include.keys(Object.keys(services.clickcounter.environment))
        expect(environment.CLICKCOUNTER_INSTANCE_NAME).to.equal(name)
        expect(mounts).to.deep.equal([`${name}-data:${environment.CLICKCOUNTER_DATA_DIR}`])
        expect(volumes).to.have.property(`${name}-data`)
        expect(profiles).to.deep.equal(['fleet'])
        expect(Number.parseInt(grace, 10)).to.be.above(environment.CLICKCOUNTER_DRAIN_SECONDS + 10)
      }
      const addresses = [...instances.map(name => services[name]), ...proxies].map(addressOf)
      expect(new Set(addresses).size).to.equal(5)
    })

    it('have the proxies that are tested in front of these instances, and trust nobody else', () => {
      for (const [proxy, file] of [
        ['nginx', 'fleet/nginx.conf'],
        ['haproxy', 'fleet/haproxy.cfg'],
      ] as const) {
        const { volumes: mounts, ports, profiles, depends_on: needs } = services[proxy]
        expect(mounts[0]).to.match(new RegExp(`^./${file}:/.*:ro$`))
        const text = textOf(file)
        expect(Array.from(text.matchAll(/web-\d:8080/g), ([server]) => server)).to.deep.equal(
          instances.map(name => `${name}:8080`),
        )
        const listened = Array.from(text.matchAll(/(?:listen |bind :)(\d+)/g), ([, port]) => port)
        expect(ports.map((port: string) => port.split(':').at(-1))).to.deep.equal(listened)
        expect({ profiles, needs }).to.deep.equal({ profiles: ['fleet'], needs: instances })
      }
      for (const name of instances)
        expect(services[name].environment.CLICKCOUNTER_TRUSTED_PROXIES.split(', ')).to.deep.equal(
          proxies.map(addressOf),
        )
    })

    function addressOf({ networks }: { networks: { fleet: { ipv4_address: string } } }): string {
      return networks.fleet.ipv4_address
    }
  })
})
