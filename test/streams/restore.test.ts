import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openMemoryStore } from '../../state/memory-store.js'
import { systemClock } from '../../streams/clock.js'
import { openEmbeddedLog } from '../../streams/log/embedded/open.js'
import { restore } from '../../streams/restore.js'
import { changelogTopic } from '../../streams/topology.js'
import { wordCount } from './word-count.js'

const SPACE = 'counts'

t.test('a store that was filled from a changelog that is no more is emptied, however long the new one is', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'segue-restore-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const log = await openEmbeddedLog(join(directory, 'log'), { housekeepingMs: 0 })
  t.teardown(() => log.close())
  const unit = [...wordCount(1).units.values()].find(({ stores }) => stores.has(SPACE))!
  const name = (space: string) => changelogTopic('wc', space)
  const specs = [...unit.stores.keys()].map(space => ({ name: name(space), partitions: 1, cleanup: 'compact' as const, retentionMs: -1 }))
  let incarnation = 0
  const create = async (keys: readonly string[]) => {
    incarnation++
    await log.deleteTopics(specs.map(spec => spec.name))
    await log.ensureTopics(specs)
    for (const key of keys) await log.send([{ topic: name(SPACE), partition: 0, key: Buffer.from(key), value: Buffer.from('1') }])
  }
  const store = await openMemoryStore()
  const restored = async () => {
    const identified = Object.create(log) as typeof log
    Object.assign(identified, { topicIds: async (names: readonly string[]) => new Map(names.map(one => [one, `${one} ${incarnation}`])) })
    for (const method of ['fetch', 'endOffset', 'beginningOffset'] as const)
      Object.assign(identified, { [method]: (log[method] as (...all: unknown[]) => unknown).bind(log) })
    const tally: number[] = []
    const control = { signal: new AbortController().signal, onProgress: (_: number, count: number) => tally.push(count) }
    await restore({ log: identified, applicationId: 'wc', clock: systemClock }, unit, 0, store, control)
    return { keys: [...store.range(SPACE, {})].map(([key]) => key), records: tally.reduce((sum, count) => sum + count, 0) }
  }
  await create(['old', 'older'])
  t.strictSame(await restored(), { keys: ['old', 'older'], records: 2 })
  t.strictSame(await restored(), { keys: ['old', 'older'], records: 0 }, 'it is the same one')
  await create(['a', 'b', 'c', 'd'])
  t.strictSame(await restored(), { keys: ['a', 'b', 'c', 'd'], records: 4 })
  await store.close()
})
