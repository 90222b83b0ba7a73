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

/** A topicless Metadata request (version 1): length, API key 3, version, correlation id, client id "", no topics. */
const metadataRequest = Buffer.from('0000000e000300010000000100000000' + '0000', 'hex')
/** In its answer, after length and correlation id: how many brokers take part. A broker that only listens is not among them. */
const BROKERS_AT = 8

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
    return { file: java, args: ['-Xms128m', '-Xmx512m', ...classes, 'kafka.Kafka', file] }
  },

  async isHealthy({ ports }) {
    const answer = await exchange(ports[MAIN]!, metadataRequest, BROKERS_AT + 4)
    return answer.length >= BROKERS_AT + 4 && answer.readInt32BE(BROKERS_AT) > 0
  }
}
