import { setTimeout as sleep } from 'node:timers/promises'
import { type Config, ConfigError } from '../../config.js'
import type { LakeConfig } from '../../config-lake.js'
import { compact } from '../../connect/lake/compaction.js'
import { eraseRows, readErasures } from '../../connect/lake/erase.js'
import { mergeFiles } from '../../connect/lake/merge.js'
import { countingFiles, lakeFiles } from '../../connect/lake/names.js'
import { GRACE_MS, SETTLE_MS } from '../../connect/lake/options.js'
import { verifyLake } from '../../connect/lake/verify.js'
import type { Objects } from '../../connect/objects/objects.js'
import { sourceTopics } from '../../schemas/catalogue.js'
import { openBase } from '../embedded.js'
import { runningInstance } from '../instance.js'
import { openLakeObjects, startLakeSink } from '../lake.js'

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)
const print = (line: string) => process.stdout.write(`${line}\n`)

function lakeOf({ lake }: Config): LakeConfig {
  if (lake === undefined) throw new ConfigError('SEGUE_LAKE is off: there is no lake.')
  return lake
}

async function withObjects<T>(config: Config, use: (objects: Objects) => Promise<T>): Promise<T> {
  const objects = await openLakeObjects(lakeOf(config))
  try {
    return await use(objects)
  } finally {
    await objects.close()
  }
}

/** The files that count, or their sums by table and day. */
export function lakeLs(config: Config, flags: { table?: string; files?: boolean }): Promise<number> {
  return withObjects(config, async objects => {
    const { counting, replaced } = countingFiles(await lakeFiles(objects))
    const files = counting.filter(({ table }) => flags.table === undefined || table === flags.table)
    if (flags.files) for (const { key } of files) print(`${objects.place.replace(/\/$/, '')}/${key}`)
    else {
      const sums = new Map<string, { files: number; bytes: number }>()
      for (const { table, hour, size } of files) {
        const name = `${table.padEnd(16)} ${new Date(hour).toISOString().slice(0, 10)}`
        const sum = sums.get(name) ?? { files: 0, bytes: 0 }
        sums.set(name, { files: sum.files + 1, bytes: sum.bytes + size })
      }
      for (const [name, { files, bytes }] of sums)
        print(`${name} ${String(files).padStart(6)} files ${(bytes / 1e6).toFixed(2).padStart(10)} MB`)
      say(`${files.length} files in ${objects.place}; ${replaced.length} more were merged into them and will be deleted.`)
    }
    return 0
  })
}

export function lakeVerify(config: Config): Promise<number> {
  return withObjects(config, async objects => {
    const { partitions, problems } = await verifyLake(objects, (done, all) => {
      if (done % 100 === 0) say(`${done} of ${all} files`)
    })
    for (const { topic, partition, from, next, rows, undecodable, erased, files } of partitions)
      print(
        `${topic}-${partition}: offsets ${from} to ${next - 1}, ${rows} rows (${undecodable} undecodable${erased === 0 ? '' : `; ${erased} erased`}) in ${files} files`
      )
    for (const problem of problems) print(`Problem: ${problem}`)
    const rows = partitions.reduce((sum, { rows }) => sum + rows, 0)
    print(problems.length === 0 ? `${rows} rows, every offset once, every file intact.` : `${problems.length} problems.`)
    return problems.length === 0 ? 0 : 1
  })
}

/** All hours that are over. Beside a running instance it does no harm: both would merge the same files alike. */
export function lakeCompact(config: Config, flags: { deleteNow?: boolean }): Promise<number> {
  return withObjects(config, async objects => {
    const graceMs = flags.deleteNow === true ? 0 : GRACE_MS
    const options = {
      objects,
      encoder: { merge: mergeFiles },
      fileBytes: lakeOf(config).bytes,
      settleMs: SETTLE_MS,
      graceMs,
      now: Date.now,
      onDone: say
    }
    let result = await compact(await lakeFiles(objects), options)
    const merged = result.merged
    if (flags.deleteNow === true && merged > 0) result = await compact(await lakeFiles(objects), options)
    print(
      `${merged} files merged, ${result.deleted} deleted.${result.isLeft ? ' Some are left for later: parts that readers may have open, hours that are not over.' : ''}`
    )
    return 0
  })
}

/** Rewrites files of hours that are over without the listeners who asked to be forgotten. Small files are merged first. */
export function lakeErase(config: Config, flags: { deleteNow?: boolean }): Promise<number> {
  return withObjects(config, async objects => {
    await lakeCompact(config, flags)
    const erasures = await readErasures(objects)
    const { files, rows, open } = await eraseRows(await lakeFiles(objects), erasures, { objects, settleMs: SETTLE_MS, now: Date.now })
    print(
      `${rows} rows of ${erasures.size} listeners who asked to be forgotten were erased; ${files} files were written anew without them.`
    )
    if (open > 0) print(`${open} files are of hours that are not over for 15 minutes yet: erase again then.`)
    if (flags.deleteNow === true) await lakeCompact(config, flags)
    else if (files > 0) print('What they replace is deleted in an hour, when the lake is compacted; at once with --delete-now.')
    if (rows > 0) print('The warehouse lets go of them with the next dbt build, the sums of the stream with: segue reconcile --repair')
    return 0
  })
}

/** Writes all that is in the log into the lake, through the running instance if there is one. */
export async function lakeFlush(config: Config): Promise<number> {
  const lake = lakeOf(config)
  const url = await runningInstance(config.dataDir)
  if (url !== undefined) {
    const response = await fetch(`${url}/v1/operations/lake/flush`, {
      method: 'POST',
      headers: config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` }
    })
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  } else {
    const base = await openBase(config, { purpose: 'segue lake flush', stateless: true })
    try {
      const sink = await startLakeSink(config, lake, base, say)
      try {
        while ((await sink.lag()).length < sourceTopics.length * base.partitions) await sleep(10)
        await sink.flush()
      } finally {
        await sink.close()
      }
    } finally {
      await base.close()
    }
  }
  print('Everything that was in the log is in the lake.')
  return 0
}
