import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { fixture, runNode, segue, temporary } from './run.js'

const expected = JSON.parse(readFileSync(fixture('awkward.expected.json'), 'utf8')) as Dump

t.test('kill -9 at every step of a commit, again and again: the dump equals the undisturbed run', async t => {
  const environment = { SEGUE_DATA_DIR: temporary(t), MAX_COMMIT_RECORDS: '50' }
  t.equal((await segue(['produce', fixture('awkward.jsonl')], environment)).code, 0)
  for (const [step, count] of [
    ['processed', 3],
    ['prepared', 4],
    ['log-committed', 2],
    ['store-written', 5],
    ['log-committed', 7],
    ['prepared', 1],
    ['log-committed', 1],
    ['store-written', 1]
  ] as const) {
    const { signal, stderr } = await runNode('test/product/crash-child.js', [step, String(count)], environment)
    t.equal(signal, 'SIGKILL', `killed at ${step} ${count} ${stderr}`)
  }
  const { stdout, stderr } = await segue(['dump'], environment)
  t.same(differences(expected, JSON.parse(stdout) as Dump), [], stderr)
})
