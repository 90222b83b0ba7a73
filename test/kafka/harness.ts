import type { Test } from 'tap'
import { KafkaLog } from '../../streams/log/kafka/log.js'
import type { KafkaLogOptions } from '../../streams/log/kafka/options.js'
import type { Log } from '../../streams/log/log.js'
import type { LogHarness } from '../contract/log.js'

/** The broker that the tests run against. */
export function brokers(): string[] {
  const servers = process.env.KAFKA_BOOTSTRAP_SERVERS
  if (servers === undefined) throw new Error('KAFKA_BOOTSTRAP_SERVERS is not set: run these tests with npm run test:kafka.')
  return servers.split(',')
}

const run = `${Date.now().toString(36)}-${process.pid}`
let names = 0
export const unique = (name: string): string => `test-${run}-${name}-${++names}`

export function kafkaHarness(options: Partial<KafkaLogOptions>, modelRuns: number): LogHarness {
  const open = async (t: Test): Promise<Log> => {
    const log = new KafkaLog({ brokers: brokers(), clientId: 'segue-test', heartbeatMs: 50, ...options })
    t.teardown(() => log.close())
    return log
  }
  return {
    open,
    reopen: async (t, log) => {
      await log.close()
      return open(t)
    },
    unique,
    capabilities: { atomicSend: false, markers: true, modelRuns }
  }
}
