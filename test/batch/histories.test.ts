import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { importExport } from '../../connect/export-import/import.js'
import { openLedger } from '../../connect/ledger.js'
import { projectRoot } from '../../schemas/root.js'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { RecordingProducer } from '../connect/support.js'
import { segue } from '../product/run.js'
import { batchDump } from './batch-dump.js'
import { type LakeRecord, Placing, requirePython, Warehouse } from './support.js'

const histories = join(projectRoot, '../shared/data/histories')

if (!existsSync(histories)) t.plan(0, 'NOT TESTED: no real histories in ../shared')
else if (requirePython(t, 'dbt'))
  t.test('real histories: batch and stream agree on every key, ids derived from names among them', async t => {
    const warehouse = new Warehouse(t.testdir())
    const placing = new Placing(Date.UTC(2026, 0, 1))
    const records: LakeRecord[] = []
    mkdirSync(join(warehouse.directory, 'ledgers'))
    for (const user of readdirSync(histories)) {
      const producer = new RecordingProducer()
      const ledger = await openLedger(join(warehouse.directory, 'ledgers', user), user)
      await importExport(join(histories, user), { user, producer, ledger })
      await ledger.close()
      for (const { topic, event } of producer.events) records.push(placing.place(topic, event as { user_id: string }))
    }
    await warehouse.write(records)
    const lines = join(warehouse.directory, 'events.jsonl')
    writeFileSync(lines, records.map(({ topic, event }) => JSON.stringify({ topic, event })).join('\n'))
    const { stdout, stderr, code } = await segue(['dump', '--input', lines])
    t.equal(code, 0, stderr)
    await warehouse.dbt(['build', '--exclude-resource-type', 'unit_test'])
    t.same(differences(JSON.parse(stdout) as Dump, await batchDump(warehouse)).slice(0, 10), [])
    t.comment(`${records.length} plays of ${readdirSync(histories).length} listeners`)
  })
