import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { fixture, runNode, segue, temporary } from './run.js'

const expected = JSON.parse(readFileSync(fixture('awkward.expected.json'), 'utf8')) as Dump

/** Stops and starts a real process on computed state, many times: nothing is wiped or restored, and the state stays. */
export async function restarts(t: Test, times: number): Promise<void> {
  const environment = { SEGUE_DATA_DIR: temporary(t) }
  t.equal((await segue(['produce', fixture('awkward.jsonl')], environment)).code, 0)
  t.same(differences(expected, JSON.parse((await segue(['dump'], environment)).stdout) as Dump), [])
  for (let restart = 0; restart < times; restart++) {
    const { code, stdout, stderr } = await runNode('test/product/restart-child.js', [], environment)
    t.equal(code, 0, stderr)
    t.same(JSON.parse(stdout), { restored: 0, notices: [] }, `restart ${restart}`)
  }
  t.same(differences(expected, JSON.parse((await segue(['dump'], environment)).stdout) as Dump), [])
}
