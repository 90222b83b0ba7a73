/** The application after the reference workload, in a temporary directory, still running. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../config.js'
import { startMirror } from '../connect/mirror.js'
import { fromJson } from '../schemas/json.js'
import { openStore } from '../state/open.js'
import { openLocalView } from '../state/view/local-view.js'
import type { View } from '../state/view/view.js'
import type { NewRecord } from '../streams/log/log.js'
import { APPLICATION_ID, createProcessing, openBase } from '../tools/embedded.js'
import { ApplicationOperations, settled } from '../tools/operations.js'
import { type ReferenceEvent, referenceEvents } from './reference.js'

export interface Filled {
  readonly view: View
  readonly operations: ApplicationOperations
  readonly partitions: number
  /** Produces the next events of the workload. */
  produce(count: number): Promise<void>
  close(): Promise<void>
}

const BATCH = 1000

/** `later`: how many events `produce` can add. */
export async function openFilled(events: number, later: number): Promise<Filled> {
  const directory = mkdtempSync(join(tmpdir(), 'segue-bench-'))
  const config = { ...readConfig(process.env), dataDir: directory }
  const base = await openBase(config, 'bench')
  const { log, codec, partitions } = base
  const workload = referenceEvents({ events: events + later })[Symbol.iterator]()
  const produce = async (count: number) => {
    for (let left = count; left > 0; left -= BATCH) {
      const records: NewRecord[] = []
      for (let i = 0; i < Math.min(BATCH, left); i++) {
        const { value: next, done } = workload.next() as IteratorResult<ReferenceEvent, undefined>
        if (done) break
        const value = next.event === null ? Buffer.from('not Avro') : codec.encode(next.topic, fromJson(next.topic, next.event))
        records.push({ topic: next.topic, key: Buffer.from(next.key), value })
      }
      await log.send(records)
    }
  }
  const onFailure = (error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  }
  const onNotice = (sentence: string) => process.stderr.write(`${sentence}\n`)
  const { application, topology } = createProcessing(config, base, { onNotice, onFailure })
  const decode = (space: Parameters<View['get']>[0], bytes: Uint8Array) => codec.decodeBare(space, bytes)
  const view = await openLocalView(join(directory, 'view'), { openStore: openStore('lmdb'), decode: decode as never })
  const mirror = startMirror({ log, codec, view, partitions, onNotice })
  const parts = { log, codec, topology, application, applicationId: APPLICATION_ID, viewLag: () => mirror.lag() }
  await produce(events)
  await application.start()
  await settled(parts, application)
  while ((await mirror.lag()).some(({ records }) => records > 0)) await new Promise(resolve => setTimeout(resolve, 10))
  const close = async () => {
    await application.close()
    await mirror.close()
    await view.close()
    await base.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { view, operations: new ApplicationOperations(parts), partitions, produce, close }
}
