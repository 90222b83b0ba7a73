import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { readConfig } from '../../config.js'
import { projectRoot } from '../../schemas/root.js'
import { temporary } from '../product/run.js'
import { program, run } from './support.js'

interface Container {
  readonly args: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly securityContext: Readonly<Record<string, unknown>>
  readonly resources: { readonly limits: { readonly memory: string } }
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
}
interface Probe {
  readonly httpGet: { readonly path: string }
}
interface Item {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly data?: Readonly<Record<string, string>>
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: object }
      readonly spec: {
        readonly containers: readonly [Container]
        readonly securityContext: { readonly runAsNonRoot: boolean }
        readonly terminationGracePeriodSeconds: number
        readonly volumes: readonly { readonly name: string }[]
      }
    }
    readonly selector: { readonly matchLabels: object }
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[]
  }
}
const { items } = parse(readFileSync(join(projectRoot, 'compose/kubernetes/segue.yaml'), 'utf8')) as { items: Item[] }
const settings = items.find(({ kind }) => kind === 'ConfigMap')!.data!
const workloads = items.filter(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment')

t.test('every object is one by the schema of Kubernetes', async t => {
  const validate = program('kubernetes-validate', 'tools/python/setup.sh deploy')
  if (validate === undefined) return
  const directory = temporary(t)
  const files = items.map((item, i) => {
    const file = join(directory, `${i}.yaml`)
    writeFileSync(file, JSON.stringify(item))
    return file
  })
  const { code, output } = await run(validate, ['--strict', '-k', '1.33', ...files])
  t.equal(code, 0, output)
})

for (const { kind, metadata, spec } of workloads)
  t.test(`${metadata.name} is locked up, watched, and stops in good order`, async t => {
    const pod = spec.template.spec
    const [container] = pod.containers
    t.match(spec.template.metadata.labels, spec.selector.matchLabels)
    t.equal(pod.securityContext.runAsNonRoot, true)
    t.equal(container.securityContext.readOnlyRootFilesystem, true)
    t.equal(container.securityContext.allowPrivilegeEscalation, false)
    t.ok(pod.terminationGracePeriodSeconds > 10, 'longer than a stop may take')
    t.equal(container.livenessProbe.httpGet.path, '/healthz')
    t.equal(container.startupProbe.httpGet.path, '/healthz', 'a task that restores lives')
    t.equal(container.readinessProbe.httpGet.path, '/readyz')
    t.match(container.resources.limits.memory, /^\d+[MG]i$/)
    const volumes = new Set([...pod.volumes, ...(spec.volumeClaimTemplates ?? []).map(claim => claim.metadata)].map(({ name }) => name))
    for (const { name } of container.volumeMounts) t.ok(volumes.has(name), name)
    const own = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]))
    const image = { HOST: '0.0.0.0', SEGUE_DATA_DIR: '/var/lib/segue' }
    const config = readConfig({ ...image, ...settings, ...own, SEGUE_PARTS: container.args.slice(2).join(',') })
    t.strictSame(container.args.slice(0, 2), ['start', '--only'])
    t.equal(config.parts.ops?.port, 9464)
    if (config.parts.run.has('processors')) t.strictSame([kind, volumes.has('state')], ['StatefulSet', true])
  })

t.test('a node that is drained takes one processor at a time', async t => {
  const budget = items.find(item => item.kind === 'PodDisruptionBudget') as unknown as {
    spec: { maxUnavailable: number; selector: object }
  }
  t.equal(budget.spec.maxUnavailable, 1)
  t.strictSame(budget.spec.selector, workloads[0]!.spec.selector)
})
