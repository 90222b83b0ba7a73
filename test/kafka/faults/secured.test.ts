/** A broker that asks for TLS and a sign-in: the same dump, and clear words for what is wrong. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import type { Dump } from '../../../tools/dump.js'
import { differences } from '../../../tools/dump-equality.js'
import { MAIN } from '../../../tools/stack/part.js'
import { kafka } from '../../../tools/stack/parts/kafka.js'
import { freePort, HOST } from '../../../tools/stack/ports.js'
import { findJava } from '../../../tools/stack/programs.js'
import { startStack } from '../../../tools/stack/stack.js'
import { fixture, segue, temporary } from '../../product/run.js'

const USER = 'segue'
const PASSWORD = 'a-password-of-the-test'
const quiet = { stdio: 'ignore' } as const

/** A key and its certificate, which it signed itself. */
async function certificate(directory: string): Promise<{ keystore: string; ca: string }> {
  const keytool = join(dirname(await findJava()), 'keytool')
  const [keystore, ca] = [join(directory, 'broker.p12'), join(directory, 'ca.pem')]
  const store = ['-keystore', keystore, '-storepass', PASSWORD, '-alias', 'broker']
  execFileSync(
    keytool,
    ['-genkeypair', '-keyalg', 'EC', '-dname', 'CN=broker', '-ext', `SAN=IP:${HOST}`, '-validity', '30', ...store],
    quiet
  )
  execFileSync(keytool, ['-exportcert', '-rfc', '-file', ca, ...store], quiet)
  return { keystore, ca }
}

/** Users of SCRAM are in the broker's metadata: there from the beginning, as it is formatted. */
async function withUser(directory: string, ports: Record<string, number>, settings: readonly string[]): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const { file, args } = await kafka.prepare({ directory, ports, settings, s3Secret: '', say: () => {} })
  rmSync(join(directory, 'data'), { recursive: true })
  const classes = args.slice(args.indexOf('-cp'), args.indexOf('kafka.Kafka'))
  const user = `SCRAM-SHA-512=[name=${USER},password=${PASSWORD}]`
  const format = [
    'kafka.tools.StorageTool',
    'format',
    '--cluster-id',
    'AAAAAAAAAAAAAAAAAAAAAg',
    '--config',
    args.at(-1)!,
    '--add-scram',
    user
  ]
  execFileSync(file, [...classes, ...format], { cwd: directory })
}

/** Resolves to the settings of a client that is let in. */
async function securedBroker(t: Test): Promise<Record<string, string>> {
  const directory = temporary(t)
  const { keystore, ca } = await certificate(directory)
  const [plain, secured, controller] = [await freePort(), await freePort(), await freePort()]
  const modules = 'org.apache.kafka.common.security'
  const settings = [
    `listeners=PLAINTEXT://${HOST}:${plain},SASL_SSL://${HOST}:${secured},CONTROLLER://${HOST}:${controller}`,
    `advertised.listeners=PLAINTEXT://${HOST}:${plain},SASL_SSL://${HOST}:${secured}`,
    `controller.quorum.voters=1@${HOST}:${controller}`,
    'ssl.keystore.type=PKCS12',
    `ssl.keystore.location=${keystore}`,
    `ssl.keystore.password=${PASSWORD}`,
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512',
    `listener.name.sasl_ssl.plain.sasl.jaas.config=${modules}.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
    `listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${modules}.scram.ScramLoginModule required;`
  ]
  const dir = join(directory, 'stack')
  await withUser(join(dir, 'kafka'), { [MAIN]: plain, controller }, settings)
  const stack = await startStack({
    dir,
    parts: ['kafka'],
    ports: { kafka: plain },
    settings: { kafka: settings },
    bound: true
  })
  t.teardown(() => stack.stop())
  return { KAFKA_BOOTSTRAP_SERVERS: `${HOST}:${secured}`, KAFKA_API_KEY: USER, KAFKA_API_SECRET: PASSWORD, KAFKA_SSL_CA: ca }
}

t.test('TLS and sign-in', async t => {
  const client = await securedBroker(t)
  const dump = (environment: Record<string, string>) =>
    segue(['dump', '--mode', 'kafka', '--input', fixture('hand.jsonl')], { ...client, ...environment })
  const expected = JSON.parse(readFileSync(fixture('hand.expected.json'), 'utf8')) as Dump

  for (const KAFKA_SASL_MECHANISM of ['plain', 'scram-sha-512'])
    await t.test(`a dump with ${KAFKA_SASL_MECHANISM}`, async t => {
      const { code, stdout, stderr } = await dump({ KAFKA_SASL_MECHANISM })
      t.equal(code, 0, stderr)
      t.same(differences(expected, JSON.parse(stdout) as Dump), [])
    })

  const refusals = [
    { what: 'a wrong password', environment: { KAFKA_API_SECRET: 'another' }, says: /Check the user name and the password/ },
    { what: 'a certificate of nobody known', environment: { KAFKA_SSL_CA: '' }, says: /self-signed certificate/ }
  ]
  for (const { what, environment, says } of refusals)
    await t.test(what, async t => {
      const { code, stderr } = await dump(environment)
      t.not(code, 0)
      t.match(stderr, says)
      t.notMatch(stderr, PASSWORD)
      t.notMatch(stderr, /\n\s+at /, 'a sentence, not a stack')
    })
})
