/** The lake, composed from the configuration. */
import type { Config } from '../config.js'
import type { LakeConfig } from '../config-lake.js'
import type { LakeOptions } from '../connect/lake/options.js'
import { type LakeSink, startLake } from '../connect/lake/sink.js'
import { openFileObjects } from '../connect/objects/file-objects.js'
import type { Objects } from '../connect/objects/objects.js'
import type { Base } from './embedded.js'

/** @throws ObjectsError the directory can't be used. A bucket is not looked at before it is needed. */
export async function openLakeObjects({ place }: LakeConfig): Promise<Objects> {
  if (typeof place === 'string') return openFileObjects(place)
  const { openS3Objects } = await import('../connect/objects/s3-objects.js')
  return openS3Objects(place)
}

export const lakeGroup = ({ applicationId }: Config): string => `${applicationId}-lake`

const lakeOptions = (
  config: Config,
  lake: LakeConfig,
  base: Base,
  objects: Objects,
  onNotice: (sentence: string) => void
): LakeOptions => ({
  group: lakeGroup(config),
  log: base.log,
  codec: base.codec,
  registry: base.registry,
  objects,
  rotation: lake,
  onNotice
})

/** The sink with objects of its own, which it closes. @throws ObjectsError */
export async function startLakeSink(config: Config, lake: LakeConfig, base: Base, onNotice: (sentence: string) => void): Promise<LakeSink> {
  const objects = await openLakeObjects(lake)
  const sink = await startLake(lakeOptions(config, lake, base, objects, onNotice))
  const close = async () => {
    await sink.close()
    await objects.close()
  }
  return { lag: () => sink.lag(), flush: () => sink.flush(), close }
}
