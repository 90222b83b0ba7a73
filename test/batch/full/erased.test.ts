import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { eraseRows, readErasures } from '../../../connect/lake/erase.js'
import { lakeFiles } from '../../../connect/lake/names.js'
import { openFileObjects } from '../../../connect/objects/file-objects.js'
import type { Dump } from '../../../tools/dump.js'
import { differences } from '../../../tools/dump-equality.js'
import { ingest, start } from '../../product/instance.js'
import { fixture, runNode, segue, temporary } from '../../product/run.js'
import { batchDump } from '../batch-dump.js'
import { requirePython, Warehouse } from '../support.js'

const GONE = 'user3'
const lines = readFileSync(fixture('awkward.jsonl'), 'utf8').trim().split('\n')
const userOf = (line: string) => (JSON.parse(line) as { event: { user_id: string } }).event.user_id
const theirs = lines.filter(line => userOf(line) === GONE)

/** As `segue lake erase` would when the hour is over. */
async function eraseFromLake(lake: string): Promise<number> {
  const objects = await openFileObjects(lake)
  const options = { objects, settleMs: 0, now: () => Date.now() + 2 * 3_600_000 }
  const { rows } = await eraseRows(await lakeFiles(objects), await readErasures(objects), options)
  await objects.close()
  return rows
}

if (requirePython(t, 'dbt'))
  t.test('who was erased from the lake leaves the warehouse with the next build, and the sums of the stream with a repair', async t => {
    const SEGUE_DATA_DIR = temporary(t)
    const environment = { SEGUE_DATA_DIR, SEGUE_LAKE: 'on', S3_BUCKET: '' }
    const instance = await start(t, environment)
    t.equal(await ingest(instance.url, lines), 200)
    await instance.settled()
    const warehouse = new Warehouse(SEGUE_DATA_DIR)
    const build = async () => {
      t.equal((await segue(['lake', 'flush'], environment)).code, 0)
      t.match(await warehouse.dbt(['build', '--exclude-resource-type', 'unit_test']), /WARN=0 ERROR=0 SKIP=0/)
    }
    const reconcile = (...flags: string[]) => segue(['reconcile', ...flags], environment)
    const rowsOf = async (table: string) =>
      (await warehouse.query<{ rows: number }>(`select count(*) as rows from ${table} where user_id = '${GONE}'`))[0]!.rows
    const playsOf = async (track: string) => ((await (await fetch(`${instance.url}/v1/tracks/${track}`)).json()) as { plays: number }).plays

    await build()
    t.ok(theirs.length > 50)
    t.equal(await rowsOf('silver.checked_events'), theirs.length)
    const [most] = await warehouse.query<{ track_id: string; plays: number }>(
      `select track_id, count(*) as plays from silver.silver_plays where user_id = '${GONE}' group by all order by all desc limit 1`
    )
    const track = most!.track_id
    const before = await playsOf(track)

    t.equal((await segue(['erase', GONE, '--confirm', GONE], environment)).code, 0)
    await instance.settled()
    const asked = await reconcile()
    t.equal(asked.code, 0, `as long as the lake has them, both sides count them: ${asked.stderr}${asked.stdout}`)

    t.equal(await eraseFromLake(warehouse.lake), theirs.length)
    await build()
    for (const table of [
      'silver.checked_events',
      'silver.silver_plays',
      'gold.artist_affinity',
      'gold.daily_user_stats',
      'gold.user_engagement'
    ])
      t.equal(await rowsOf(table), 0, table)
    const others = join(SEGUE_DATA_DIR, 'others.jsonl')
    writeFileSync(others, lines.filter(line => userOf(line) !== GONE).join('\n'))
    const expected = await runNode('tools/segue.js', ['dump', '--input', others])
    t.equal(expected.code, 0, expected.stderr)
    t.same(differences(JSON.parse(expected.stdout) as Dump, await batchDump(warehouse)), [], 'it is as if they had never been there')

    const red = await reconcile()
    t.equal(red.code, 1)
    t.match(red.stderr, /1 listener was forgotten: .* segue reconcile --repair/)
    const repaired = await reconcile('--repair')
    t.equal(repaired.code, 0, `${repaired.stderr}${repaired.stdout}`)
    await instance.settled()
    t.equal(await playsOf(track), before - most!.plays, 'what is published no longer counts them')

    t.equal(await ingest(instance.url, theirs.slice(0, 20)), 200)
    await instance.settled()
    const back = await reconcile()
    t.equal(back.code, 0, `who comes back is counted anew: ${back.stderr}${back.stdout}`)
    instance.process.kill('SIGTERM')
    t.match(await instance.ended, { code: 0 })
  })
