/** The application in this process, over a data directory, beside servers that a benchmark makes itself. */
import { join } from 'node:path'
import { readConfig } from '../config.js'
import { startMirror } from '../connect/mirror.js'
import { openStore } from '../state/open.js'
import { openLocalView } from '../state/view/local-view.js'
import type { View } from '../state/view/view.js'
import { createProcessing, openBase } from '../tools/embedded.js'
import { ApplicationOperations } from '../tools/operations.js'
import { settled } from '../tools/settled.js'
import { type Prepared, Workload } from './workload.js'

export interface Embedded {
  readonly view: View
  readonly operations: ApplicationOperations
  readonly partitions: number
  /** The events that come after those that the directory has. */
  readonly workload: Workload
  close(): Promise<void>
}

/** `later`: how many events may be added. */
export async function openEmbedded({ directory: dataDir, events }: Prepared, later: number): Promise<Embedded> {
  const config = { ...readConfig(process.env), dataDir }
  const base = await openBase(config, { purpose: 'bench' })
  const onFailure = (error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  }
  const onNotice = (sentence: string) => process.stderr.write(`${sentence}\n`)
  const { application, topology } = createProcessing(config, base, { onNotice, onFailure })
  const view = await openLocalView(join(dataDir, 'view'), {
    openStore: openStore('lmdb'),
    decode: (space, bytes) => base.codec.decodeBare(space, bytes)
  })
  const mirror = startMirror({ ...base, view, onNotice })
  const parts = { ...base, topology, application, applicationId: config.applicationId, viewLag: () => mirror.lag() }
  await application.start()
  await settled(parts, application)
  while (!(await mirror.caughtUp())) await new Promise(resolve => setTimeout(resolve, 10))
  const close = async () => {
    await application.close()
    await mirror.close()
    await view.close()
    await base.close()
  }
  const workload = new Workload(base.log, base.codec, later, events)
  return { view, operations: new ApplicationOperations(parts), partitions: base.partitions, workload, close }
}
