import t from 'tap'
import { differences } from '../../tools/dump-equality.js'
import { dumpOf, openDriver, pipeLines } from './driven.js'
import { vector } from './whole.js'

const now = Date.UTC(2026, 0, 1)

for (const name of ['hand', 'awkward'])
  for (const store of ['memory', 'lmdb', 'level'] as const)
    for (const commitEvery of store === 'memory' ? [1, 7, 10_000] : [100])
      t.test(`${name}, ${store}, a commit every ${commitEvery} records`, async t => {
        const driver = await openDriver(t.testdir(), store)
        const { lines, expected } = vector(name)
        await pipeLines(driver, lines, commitEvery, now)
        t.same(differences(expected, await dumpOf(driver)), [])
      })
