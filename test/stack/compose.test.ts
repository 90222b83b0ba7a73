import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { projectRoot } from '../../schemas/root.js'
import { partNames } from '../../tools/stack/addresses.js'
import { parts } from '../../tools/stack/stack.js'

interface Service {
  readonly image: string
  readonly ports: readonly string[]
  readonly volumes: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly healthcheck?: { readonly test: readonly string[] }
}
const file = readFileSync(join(projectRoot, 'compose/docker-compose.yml'), 'utf8')
const compose = parse(file) as { services: Record<string, Service>; volumes: Record<string, null> }

t.test('the compose file has the parts of the native stack, pinned, healthy, on 127.0.0.1, with their data in volumes', async t => {
  t.strictSame(Object.keys(compose.services).sort(), [...partNames].sort())
  for (const name of partNames) {
    const { image, ports, volumes, healthcheck } = compose.services[name]!
    t.match(image, /^[\w./-]+:\d+\.\d+/, 'a version')
    t.notMatch(image, /latest|minio/)
    for (const port of ports) t.match(port, /^127\.0\.0\.1:/)
    t.ok(ports[0]!.startsWith(`127.0.0.1:${parts[name].usualPort}:`), 'the port that the settings expect')
    for (const volume of volumes) t.ok(volume.split(':')[0]! in compose.volumes, `${volume} is declared`)
    t.ok((healthcheck?.test.length ?? 0) > 1)
    const version = /\d+(\.\d+)+/.exec(parts[name].title)?.[0]
    if (version !== undefined) t.equal(image.split(':')[1], version, 'the same version as without Docker')
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
