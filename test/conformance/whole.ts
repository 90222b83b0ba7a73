/** The whole application in the test's process, without its edges: log, codec, stores and engine on files of their own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { readConfig } from '../../config.js'
import type { InputTopic, TopicName, TopicValues } from '../../schemas/catalogue.js'
import { fromJson } from '../../schemas/json.js'
import { projectRoot } from '../../schemas/root.js'
import type { LogRecord, NewRecord } from '../../streams/log/log.js'
import type { Dump } from '../../tools/dump.js'
import { type Base, createProcessing, openBase, type ProcessingHooks } from '../../tools/embedded.js'
import { ApplicationOperations } from '../../tools/operations.js'

export interface Whole {
  readonly base: Base
  readonly notices: readonly string[]
  /** When all that was sent is computed. @throws Error the application has failed. */
  dump(): Promise<Dump>
  /** Everything that is in a topic. */
  records(topic: TopicName): Promise<LogRecord[]>
  /** The last value of each key of a topic; a tombstone takes it away. */
  table<N extends TopicName>(topic: N): Promise<Map<string, TopicValues[N]>>
}

export async function openWhole(
  t: { teardown(callback: () => Promise<void>): void },
  environment: Record<string, string> = {},
  hooks: Pick<ProcessingHooks, 'tracer'> = {}
): Promise<Whole> {
  const directory = mkdtempSync(join(tmpdir(), 'segue-whole-'))
  const config = readConfig({ SEGUE_DATA_DIR: directory, ...environment })
  const base = await openBase(config, { purpose: 'a test' })
  const notices: string[] = []
  let failure: unknown
  const { application, topology } = createProcessing(config, base, {
    onNotice: sentence => notices.push(sentence),
    onFailure: error => {
      failure = error
    },
    ...hooks
  })
  await application.start()
  t.teardown(async () => {
    await application.close()
    await base.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const operations = new ApplicationOperations({
    ...base,
    topology,
    application,
    applicationId: config.applicationId,
    viewLag: async () => []
  })
  const records = async (topic: TopicName): Promise<LogRecord[]> => {
    const all: LogRecord[] = []
    for (let partition = 0; partition < base.partitions; partition++) {
      const end = await base.log.endOffset({ topic, partition })
      for (let offset = await base.log.beginningOffset({ topic, partition }); offset < end; ) {
        const { records: fetched, nextOffset } = await base.log.fetch({ topic, partition }, offset, 1 << 20)
        all.push(...fetched)
        offset = nextOffset
      }
    }
    return all
  }
  return {
    base,
    notices,
    records,
    dump: async () => {
      try {
        return JSON.parse(await text(Readable.from(operations.dump()))) as Dump
      } catch (error) {
        throw failure ?? error
      }
    },
    table: async topic => {
      const table = new Map()
      for (const { key, value } of await records(topic)) {
        if (value === null) table.delete(key!.toString())
        else table.set(key!.toString(), base.codec.decode(topic, value))
      }
      return table
    }
  }
}

export interface Line {
  readonly topic: InputTopic
  readonly event: { readonly user_id: string }
}

export const vector = (name: string) => ({
  lines: read(`${name}.jsonl`)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Line),
  expected: JSON.parse(read(`${name}.expected.json`)) as Dump
})

const read = (name: string) => readFileSync(join(projectRoot, 'test/fixtures/vectors', name), 'utf8')

/** The record of a line; `timestamp` is its record time. */
export const recordOf = ({ codec }: Base, { topic, event }: Line, timestamp: number): NewRecord => ({
  topic,
  key: Buffer.from(event.user_id),
  value: codec.encode(topic, fromJson(topic, event)),
  timestamp
})
