import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { fixture, segue } from '../product/run.js'
import { kafkaHarness } from './harness.js'

for (const name of ['hand', 'awkward'])
  t.test(`segue dump --mode kafka --input ${name}.jsonl prints what the vector expects, and leaves no topic`, async t => {
    const log = await kafkaHarness({}, 0).open(t)
    const { code, stdout, stderr } = await segue(['dump', '--mode', 'kafka', '--input', fixture(`${name}.jsonl`)])
    t.equal(code, 0, stderr)
    t.same(differences(JSON.parse(readFileSync(fixture(`${name}.expected.json`), 'utf8')) as Dump, JSON.parse(stdout) as Dump), [])
    t.notOk((await log.topics()).some(topic => topic.name.includes('segue-dump-')))
  })
