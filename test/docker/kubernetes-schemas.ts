/**
 * What the files of docker/kubernetes may say, by kind: the fields that they use, by their types in Kubernetes' API, and no
 * others. So a field that is misspelled, or in the wrong place, is found without a cluster.
 */

const TEXT = { type: 'string', minLength: 1 }
const NAME = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$' }
const COUNT = { type: 'integer', minimum: 0 }
const YES_OR_NO = { type: 'boolean' }
const QUANTITY = { type: 'string', pattern: '^\\d+(m|Mi|Gi)?$' }
const PORT = { anyOf: [NAME, { type: 'integer', minimum: 1, maximum: 65_535 }] }
const LABELS = { type: 'object', additionalProperties: { type: 'string', maxLength: 63 } }

function oneOf(...texts: readonly string[]) {
  return { enum: texts }
}

function listOf(items: object) {
  return { type: 'array', items, minItems: 1 }
}

/** An object with these fields alone; those whose name ends with `?` may be missing. */
function fields(types: Readonly<Record<string, object>>) {
  const entries = Object.entries(types)
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(entries.map(([name, type]) => [name.replace('?', ''), type])),
    required: entries.map(([name]) => name).filter(name => !name.endsWith('?')),
  }
}

const METADATA = fields({ name: NAME, 'labels?': LABELS })
const SELECTOR = fields({ matchLabels: LABELS })
const PROBE = fields({
  httpGet: fields({ path: TEXT, port: PORT }),
  periodSeconds: COUNT,
  timeoutSeconds: COUNT,
  failureThreshold: COUNT,
})
const SOURCE = fields({
  'fieldRef?': fields({ fieldPath: oneOf('metadata.name') }),
  'secretKeyRef?': fields({ name: NAME, key: NAME, 'optional?': YES_OR_NO }),
})
const CONTAINER = fields({
  name: NAME,
  image: TEXT,
  'command?': listOf(TEXT),
  env: listOf(fields({ name: { type: 'string', pattern: '^CLICKCOUNTER_[A-Z_]+$' }, valueFrom: SOURCE })),
  'envFrom?': listOf(fields({ configMapRef: fields({ name: NAME }) })),
  'ports?': listOf(fields({ name: NAME, containerPort: PORT })),
  'livenessProbe?': PROBE,
  'readinessProbe?': PROBE,
  'resources?': fields({
    requests: fields({ cpu: QUANTITY, memory: QUANTITY }),
    limits: fields({ memory: QUANTITY }),
  }),
  securityContext: fields({
    allowPrivilegeEscalation: { const: false },
    readOnlyRootFilesystem: { const: true },
    capabilities: fields({ drop: { const: ['ALL'] } }),
  }),
  volumeMounts: listOf(fields({ name: NAME, mountPath: { type: 'string', pattern: '^/' } })),
})
const POD = fields({
  'restartPolicy?': oneOf('Never'),
  'terminationGracePeriodSeconds?': COUNT,
  enableServiceLinks: { const: false },
  automountServiceAccountToken: { const: false },
  securityContext: fields({
    runAsNonRoot: { const: true },
    runAsUser: COUNT,
    runAsGroup: COUNT,
    fsGroup: COUNT,
    fsGroupChangePolicy: oneOf('OnRootMismatch', 'Always'),
    seccompProfile: fields({ type: oneOf('RuntimeDefault') }),
  }),
  'topologySpreadConstraints?': listOf(
    fields({
      maxSkew: COUNT,
      topologyKey: TEXT,
      whenUnsatisfiable: oneOf('ScheduleAnyway', 'DoNotSchedule'),
      labelSelector: SELECTOR,
    }),
  ),
  containers: listOf(CONTAINER),
  volumes: listOf(
    fields({
      name: NAME,
      'emptyDir?': fields({ 'sizeLimit?': QUANTITY }),
      'persistentVolumeClaim?': fields({ claimName: NAME }),
    }),
  ),
})
const CLAIM = fields({
  metadata: METADATA,
  spec: fields({
    accessModes: listOf(oneOf('ReadWriteOnce', 'ReadWriteOncePod')),
    resources: fields({ requests: fields({ storage: QUANTITY }) }),
  }),
})

function kind(apiVersion: string, spec: object) {
  return fields({ apiVersion: { const: apiVersion }, kind: TEXT, metadata: METADATA, spec })
}

export const SCHEMAS: Readonly<Record<string, object>> = {
  StatefulSet: kind(
    'apps/v1',
    fields({
      serviceName: NAME,
      replicas: COUNT,
      podManagementPolicy: oneOf('Parallel', 'OrderedReady'),
      updateStrategy: fields({ type: oneOf('RollingUpdate', 'OnDelete') }),
      minReadySeconds: COUNT,
      persistentVolumeClaimRetentionPolicy: fields({
        whenDeleted: oneOf('Retain'),
        whenScaled: oneOf('Retain'),
      }),
      volumeClaimTemplates: listOf(CLAIM),
      template: fields({ spec: POD }),
    }),
  ),
  Service: kind(
    'v1',
    fields({
      'clusterIP?': oneOf('None'),
      'publishNotReadyAddresses?': YES_OR_NO,
      ports: listOf(fields({ name: NAME, port: PORT, targetPort: PORT })),
    }),
  ),
  PodDisruptionBudget: kind(
    'policy/v1',
    fields({ maxUnavailable: COUNT, unhealthyPodEvictionPolicy: oneOf('AlwaysAllow', 'IfHealthyBudget') }),
  ),
  ServiceMonitor: kind(
    'monitoring.coreos.com/v1',
    fields({
      selector: SELECTOR,
      endpoints: listOf(fields({ port: NAME, path: TEXT, interval: { type: 'string', pattern: '^\\d+s$' } })),
    }),
  ),
  Job: kind(
    'batch/v1',
    fields({
      backoffLimit: COUNT,
      podFailurePolicy: fields({
        rules: listOf(
          fields({
            action: oneOf('FailJob', 'Ignore', 'Count'),
            onExitCodes: fields({
              containerName: NAME,
              operator: oneOf('In', 'NotIn'),
              values: listOf(COUNT),
            }),
          }),
        ),
      }),
      template: fields({ spec: POD }),
    }),
  ),
}
