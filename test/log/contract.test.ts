import t from 'tap'
import { logContract } from '../contract/log.js'
import { diskHarness, memoryHarness } from './harness.js'

t.test('in memory', async t => logContract(t, memoryHarness({}, 30)))
t.test('in memory, without a cache, cleaning in several passes', async t => {
  logContract(t, memoryHarness({ cacheBytes: 0, housekeepingMs: 1, cleaner: { maxKeyBytes: 4, minDirtyBytes: 1 } }, 30))
})
t.test('on disk', async t => logContract(t, diskHarness({}, 5)))
