import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exchange } from '../exchange.js'
import { cached, check, mavenTree } from '../packages.js'
import { MAIN, type Part, type PartContext } from '../part.js'
import { HOST } from '../ports.js'
import { findJava } from '../programs.js'

const VERSION = '4.4.0'
const artifacts = [
  { group: 'org.apache.kafka', name: 'kafka_2.13', version: VERSION },
  { group: 'org.apache.logging.log4j', name: 'log4j-slf4j-impl', version: '2.25.5' }
]

/** As Kafka's own start script has them: with a small heap the broker's collections were half a second of each minute. */
const heap = ['-Xms1g', '-Xmx1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35']

const logging = `rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %m (%c{1})%n
`

/** One node that is broker and controller; the replication factors are 1. */
const properties = ({ directory, ports, settings }: PartContext): string =>
  [
    'process.roles=broker,controller',
    'node.id=1',
    `listeners=PLAINTEXT://${HOST}:${ports[MAIN]},CONTROLLER://${HOST}:${ports.controller}`,
    `advertised.listeners=PLAINTEXT://${HOST}:${ports[MAIN]}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    `controller.quorum.voters=1@${HOST}:${ports.controller}`,
    `log.dirs=${join(directory, 'data')}`,
    'auto.create.topics.enable=false',
    'num.partitions=3',
    'default.replication.factor=1',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=5',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=5',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    ...settings,
    ''
  ].join('\n')

// Requests by hand: length, API key, version, correlation id, client id "", body. An answer: length, correlation id, body.
/** Metadata (version 1) of no topic. Its body begins with how many brokers take part: one that only listens is not among them. */
const metadata = { request: Buffer.from('0000000e0003000100000001000000000000', 'hex'), answerBytes: 12 }
/** FindCoordinator (version 1) of key "x". After the throttle time comes the error code: not 0 until its topic is there. */
const coordinator = (type: 'group' | 'transaction') => ({
  request: Buffer.from(`0000000e000a0001000000010000000178${type === 'group' ? '00' : '01'}`, 'hex'),
  answerBytes: 14
})
const BODY = 8

export const kafka: Part = {
  name: 'kafka',
  title: `Apache Kafka ${VERSION}`,
  usualPort: 9092,
  innerPorts: ['controller'],
  graceMs: 20_000,

  async prepare(context) {
    const java = await findJava()
    const jars = await cached(`kafka-${VERSION}`, '43 MB', context.say, directory => mavenTree(artifacts, directory))
    const file = join(context.directory, 'server.properties')
    const log4j = join(context.directory, 'log4j2.properties')
    writeFileSync(file, properties(context))
    writeFileSync(log4j, logging)
    const classes = ['-cp', join(jars, '*'), `-Dlog4j2.configurationFile=${log4j}`]
    if (!existsSync(join(context.directory, 'data', 'meta.properties'))) {
      const id = randomBytes(16).toString('base64url').replace(/^-/, 'A')
      await check(java, [...classes, 'kafka.tools.StorageTool', 'format', '--cluster-id', id, '--config', file], context.directory)
    }
    return { file: java, args: [...heap, ...classes, 'kafka.Kafka', file] }
  },

  async isHealthy({ ports }) {
    const port = ports[MAIN]!
    const brokers = await exchange(port, metadata.request, metadata.answerBytes)
    if (brokers.readInt32BE(BODY) === 0) return false
    for (const type of ['group', 'transaction'] as const) {
      const { request, answerBytes } = coordinator(type)
      const answer = await exchange(port, request, answerBytes)
      if (answer.readInt16BE(BODY + 4) !== 0) return false
    }
    return true
  }
}
