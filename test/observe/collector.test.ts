import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { growthOf, youngGrowthOf } from '../../tools/collector.js'

const megabytes = (count: number) => count * 1024 * 1024

t.test('a small heap grows by a fifth, a large one by twice as much, and between them it goes by size', async t => {
  t.equal(growthOf(megabytes(0)), 20)
  t.equal(growthOf(megabytes(110)), 20)
  t.equal(growthOf(megabytes(165)), 30)
  t.equal(growthOf(megabytes(220)), 40)
  t.equal(growthOf(megabytes(4_000)), 40)
})

t.test('the young generation of a small heap stops at 8 MB, that of a large one does not', async t => {
  t.equal(youngGrowthOf(megabytes(100), megabytes(4)), 2)
  t.equal(youngGrowthOf(megabytes(100), megabytes(8)), 1)
  t.equal(youngGrowthOf(megabytes(140), megabytes(8)), 2)
})

t.test('V8 does as it is told', async t => {
  const young = (...args: string[]) =>
    Number(execFileSync(process.execPath, [join(projectRoot, 'dist/test/observe/young-child.js'), ...args], { encoding: 'utf8' }))
  t.ok(young('untended') > 8, 'by itself the young generation grows')
  t.ok(young() <= 8)
})
