import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import { expect } from 'chai'
import yaml from 'yaml'
import { settingNames, variableOf } from '../../lib/config/settings.ts'
import { SCHEMAS } from './kubernetes-schemas.ts'
import { docker } from './start-prometheus.ts'

const FOLDER = docker('kubernetes')
/** It is applied by hand. */
const JOB = 'store-job.yaml'

interface Pod {
  readonly terminationGracePeriodSeconds: number
  readonly securityContext: { readonly runAsUser: number }
  readonly containers: readonly {
    readonly image: string
    readonly command: readonly string[]
    readonly env: readonly {
      readonly name: string
      readonly valueFrom: { secretKeyRef?: { name: string; key: string } }
    }[]
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
    readonly readinessProbe: { readonly httpGet: { readonly path: string } }
    readonly livenessProbe: { readonly httpGet: { readonly path: string } }
  }[]
}

describe('the files of Kubernetes', () => {
  const files = (readdirSync(FOLDER, { recursive: true }) as string[])
    .filter(name => name.endsWith('.yaml'))
    .sort()
  const documents = new Map(files.map(file => [file, documentsIn(file)]))
  const kustomizations = files.filter(file => file.endsWith('kustomization.yaml'))
  const objects = files.filter(file => !kustomizations.includes(file)).flatMap(file => documents.get(file)!)
  const only = (kind: string) => objects.find(object => object.kind === kind)
  const settings = (file: string): string[] => documents.get(file)![0].configMapGenerator[0].literals
  const [set, job] = [only('StatefulSet'), only('Job')]
  const pod: Pod = set.spec.template.spec
  const jobPod: Pod = job.spec.template.spec
  const dockerfile = readFileSync(docker('Dockerfile'), 'utf8')

  it('say what Kubernetes knows, and nothing else', () => {
    const ajv = new Ajv({ allErrors: true })
    expect(objects.map(({ kind }) => kind)).to.have.members([...Object.keys(SCHEMAS), 'Service'])
    for (const object of objects) {
      const isValid = ajv.validate(SCHEMAS[object.kind]!, object)
      expect(isValid, `${object.kind} ${ajv.errorsText()}`).to.equal(true)
    }
  })

  it('are named by a kustomization each, which names no others', () => {
    const named = kustomizations.flatMap(file => {
      const { resources = [], components = [] } = documents.get(file)![0]
      return [...resources, ...components].map(name => join(dirname(file), name))
    })
    for (const name of named) expect(existsSync(join(FOLDER, name)), name).to.equal(true)
    const others = files.filter(file => file !== JOB && !kustomizations.includes(file))
    expect(others.filter(file => !named.includes(file))).to.deep.equal([])
    // The component is behind marks: the cluster may not know its kinds.
    expect(readFileSync(join(FOLDER, 'kustomization.yaml'), 'utf8')).to.match(
      /^# components:\n# {3}- monitoring$/m,
    )
  })

  it('give a stop more time than it takes', () => {
    const drainSeconds = Number(settings('base/kustomization.yaml')[0]!.split('=')[1])
    expect(drainSeconds).to.be.above(0)
    expect(pod.terminationGracePeriodSeconds).to.be.above(drainSeconds + 10)
  })

  it('know the settings, the user, the directory and the port of the image', () => {
    const variables = [pod, jobPod].flatMap(({ containers }) => containers[0]!.env.map(({ name }) => name))
    const literals = ['kustomization.yaml', 'base/kustomization.yaml'].flatMap(settings)
    const known = settingNames.map(variableOf)
    expect(known).to.include.members([...variables, ...literals.map(literal => literal.split('=')[0]!)])
    // The image's user node has this number.
    expect(dockerfile).to.include('\nUSER node\n')
    for (const { securityContext } of [pod, jobPod]) expect(securityContext.runAsUser).to.equal(1000)
    const data = pod.containers[0]!.volumeMounts.find(({ name }) => name === 'data')!
    expect(dockerfile).to.include(`ENV CLICKCOUNTER_DATA_DIR=${data.mountPath}\n`)
    expect(dockerfile).to.include(`EXPOSE ${pod.containers[0]!.ports[0]!.containerPort}\n`)
    // The root is read-only, but for these.
    expect(dockerfile).to.include('NODE_COMPILE_CACHE=/tmp/')
    expect(pod.containers[0]!.volumeMounts.map(({ mountPath }) => mountPath)).to.deep.equal([
      data.mountPath,
      '/tmp',
    ])
  })

  it('ask for life and for readiness at their addresses', () => {
    const { livenessProbe, readinessProbe } = pod.containers[0]!
    expect([livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path)).to.deep.equal([
      '/health/live',
      '/health/ready',
    ])
  })

  it('lead the job to the command, to the claim of an instance, and to the image and the secret of the others', () => {
    const [command] = jobPod.containers
    expect(existsSync(docker(`../${command!.command[1]}`))).to.equal(true)
    expect(command!.command.slice(2)).to.deep.equal(['store', command!.volumeMounts[0]!.mountPath])
    const { claimName } = job.spec.template.spec.volumes[0].persistentVolumeClaim
    const [template] = set.spec.volumeClaimTemplates
    expect(claimName).to.match(new RegExp(`^${template.metadata.name}-${set.metadata.name}-\\d$`))
    const [{ newName, newTag }] = documents.get('kustomization.yaml')![0].images
    expect(command!.image).to.equal(`${newName}:${newTag}`)
    const secret = ({ containers }: Pod) =>
      containers[0]!.env.find(({ name }) => name === 'CLICKCOUNTER_DATABASE_URL')!.valueFrom.secretKeyRef
    expect(secret(jobPod)).to.deep.equal(secret(pod))
  })

  it('let Prometheus ask each instance once', () => {
    const { selector } = only('ServiceMonitor').spec
    const services = objects.filter(({ kind }) => kind === 'Service')
    const asked = services.filter(({ metadata }) => metadata.labels?.['clickcounter/scraped'] === 'true')
    expect(selector.matchLabels['clickcounter/scraped']).to.equal('true')
    expect(asked.map(({ metadata }) => metadata.name)).to.deep.equal([set.spec.serviceName])
  })
})

// biome-ignore lint/suspicious/noExplicitAny: the schemas have looked at it.
function documentsIn(file: string): any[] {
  return yaml.parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map(document => document.toJS())
}
