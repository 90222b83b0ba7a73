/** Whom a reconciliation has to ask: the running instances, or, where none runs, the application opened for it. */
import type { Config } from '../../config.js'
import type { Topology } from '../../streams/topology.js'
import { createProcessing, openBase } from '../embedded.js'
import { runningInstance } from '../instance.js'
import { lakeGroup, startLakeSink } from '../lake.js'
import { settled } from '../settled.js'
import { segueTopology } from '../topology.js'
import type { Instance } from './cut.js'
import { InstanceReconciliation } from './instance.js'
import { remoteReconciliation } from './remote.js'

interface Asked {
  readonly instances: readonly Instance[]
  readonly topology: Topology
}

export async function withInstances<T>(config: Config, say: (sentence: string) => void, use: (asked: Asked) => Promise<T>): Promise<T> {
  const urls = await running(config)
  if (urls.length === 0) return alone(config, say, use)
  const instances = urls.map(url => ({ name: url, reconciliation: remoteReconciliation(url, config.apiKey) }))
  return use({ instances, topology: segueTopology(config.partitions) })
}

async function running(config: Config): Promise<string[]> {
  const url = await runningInstance(config.dataDir)
  if (config.mode === 'embedded') return url === undefined ? [] : [url]
  const base = await openBase(config, { purpose: 'segue reconcile', stateless: true })
  try {
    const { runningInstances } = await import('../instances.js')
    return await runningInstances(base)
  } finally {
    await base.close()
  }
}

async function alone<T>(config: Config, say: (sentence: string) => void, use: (asked: Asked) => Promise<T>): Promise<T> {
  say('No instance runs: the data is opened for this.')
  const base = await openBase(config, { purpose: 'segue reconcile' })
  try {
    let failure: unknown
    const onFailure = (error: unknown) => {
      failure = error
    }
    const { application, topology } = createProcessing(config, base, { onNotice: say, onFailure })
    const sink = await startLakeSink(config, config.lake!, base, say)
    try {
      await application.start()
      await settled({ ...base, topology, applicationId: config.applicationId }, application)
      const lake = { flush: () => sink.flush(), group: lakeGroup(config) }
      const parts = { ...base, topology, application, applicationId: config.applicationId, dataDir: config.dataDir, lake }
      return await use({ instances: [{ name: config.dataDir, reconciliation: new InstanceReconciliation(parts) }], topology })
    } finally {
      await sink.close()
      await application.close()
      if (failure !== undefined) say(`The application failed: ${failure instanceof Error ? failure.stack : failure}`)
    }
  } finally {
    await base.close()
  }
}
