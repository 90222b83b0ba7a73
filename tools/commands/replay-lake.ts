import { type Config, ConfigError, readConfig } from '../../config.js'
import { checkReplay, LakeReplayError, replayLake } from '../../connect/lake/replay.js'
import { verifyLake } from '../../connect/lake/verify.js'
import { openBase } from '../embedded.js'
import { lakeGroup, openLakeObjects } from '../lake.js'

const say = (line: string) => process.stdout.write(`${line}\n`)

/** Shows what would be rebuilt; with `execute`, does it. `place` undefined: from the lake that this Segue writes to. */
export async function replayLakeCommand(config: Config, place: string | undefined, execute: boolean): Promise<number> {
  const lake = (place === undefined ? config : readConfig({ ...process.env, SEGUE_LAKE: place })).lake
  if (lake === undefined) throw new ConfigError('SEGUE_LAKE is off: name the lake, as in --from-lake data/lake.')
  const isOwn = place === undefined || JSON.stringify(lake.place) === JSON.stringify(config.lake?.place)
  const objects = await openLakeObjects(lake)
  const base = await openBase(config, { purpose: 'segue replay' })
  try {
    const { partitions, problems } = await verifyLake(objects)
    if (problems.length > 0) throw new LakeReplayError(`The lake is not whole:\n${problems.map(problem => `- ${problem}`).join('\n')}`)
    const outside = partitions.find(({ partition }) => partition >= base.partitions)
    if (outside !== undefined)
      throw new LakeReplayError(
        `The lake has ${outside.topic}-${outside.partition}: set SEGUE_PARTITIONS to as many as it was written with.`
      )
    const replay = { log: base.log, codec: base.codec, objects, group: isOwn ? lakeGroup(config) : undefined }
    await checkReplay(replay, partitions)
    for (const { topic, partition, rows } of partitions) say(`${topic}-${partition}: ${rows} records`)
    if (!execute) {
      say('Nothing was changed: this is what --execute would rebuild.')
      return 0
    }
    say(`${await replayLake(replay, partitions)} records are in the topics again. The next segue start computes everything from them.`)
    return 0
  } finally {
    await base.close()
    await objects.close()
  }
}
