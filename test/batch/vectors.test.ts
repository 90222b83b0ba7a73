import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { goldFiles, overviewOf } from '../../connect/warehouse/gold.js'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { segue } from '../product/run.js'
import { batchDump } from './batch-dump.js'
import { Placing, requirePython, Warehouse } from './support.js'
import { expectedOfVectors, originalQueries, originalTables, vectorLines } from './vectors.js'

if (requirePython(t, 'dbt'))
  t.test('dbt on the vectors: at a cut, then the rest on top', async t => {
    const warehouse = new Warehouse(t.testdir())
    const lines = vectorLines()
    const expected = expectedOfVectors()
    const placing = new Placing(Date.UTC(2026, 0, 1))
    const place = (line: string) => {
      const { topic, event } = JSON.parse(line) as { topic: string; event: { user_id: string } }
      return placing.place(topic, event)
    }
    const first = lines.slice(0, 1500).map(place)
    const cut = placing.cut()
    const all = [...first, ...lines.slice(1500).map(place)]
    await warehouse.write(first)
    await warehouse.write(all)

    await warehouse.dbt(['build', '--exclude-resource-type', 'test', '--exclude-resource-type', 'unit_test'], { cut })
    const half = join(warehouse.directory, 'first.jsonl')
    writeFileSync(half, lines.slice(0, 1500).join('\n'))
    const { stdout, stderr, code } = await segue(['dump', '--input', half])
    t.equal(code, 0, stderr)
    t.same(differences(JSON.parse(stdout) as Dump, await batchDump(warehouse)), [], 'at the cut it is what the stream had there')

    const output = await warehouse.dbt(['build'])
    t.match(output, /WARN=0 ERROR=0 SKIP=0/)
    t.same(differences(expected, await batchDump(warehouse)), [], 'both vectors')

    const { totals, topTracks, ...parts } = await overviewOf((await goldFiles(join(warehouse.directory, 'warehouse.duckdb.gold')))!)
    t.match(totals, { plays: expected.accepted.play, tracks: Object.keys(expected.tracks).length }, 'what the page shows')
    for (const part of [parts.days, parts.hours, parts.devices])
      t.equal(
        part.reduce((sum, { plays }) => sum + plays, 0),
        totals.plays
      )
    const most = `select track_id, count(*) as plays from silver.silver_plays group by track_id order by plays desc, track_id limit 100`
    t.same(
      topTracks.map(({ track_id, plays }) => ({ track_id, plays })),
      await warehouse.query(most)
    )

    const [bronze, silver, gold] = await Promise.all(
      Object.values(originalQueries).map(sql => warehouse.query<Record<string, unknown>>(sql))
    )
    const day = lines.filter(line => new Date(JSON.parse(line).event.occurred_at).toISOString().startsWith('2023-11-15'))
    t.equal(bronze!.length, day.length)
    const { play, pause, skip } = expected.accepted
    t.equal(silver!.length, play! + pause! + skip!)
    t.equal(gold!.length, 10)
    t.equal(gold![0]!.song_name, 'Track 0')
    for (const [table, columns] of Object.entries(originalTables))
      t.equal((await warehouse.query(`select ${columns} from ${table} limit 1`)).length, 1, `${table} under its old name`)
  })
