import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openStore, wipeStore } from '../../state/open.js'
import { StreamsApplication } from '../../streams/application.js'
import { systemClock } from '../../streams/clock.js'
import type { EmbeddedLog } from '../../streams/log/embedded/log.js'
import { openEmbeddedLog } from '../../streams/log/embedded/open.js'
import type { TaskId } from '../../streams/log/log.js'
import { MergeCache } from '../../streams/stores/merge-store.js'
import { changelogTopic } from '../../streams/topology.js'
import { codec, topics, wordCount } from './word-count.js'

const PARTITIONS = 1
const topology = wordCount(PARTITIONS)

interface Run {
  readonly counts: Record<string, number>
  /** Changelog records that were restored. */
  readonly restored: number
  readonly wipes: number
}

async function directory(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'segue-restart-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  return path
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 2))
}

/** Starts the word count on a directory, sends lines, waits until all is counted, stops. */
async function run(
  root: string,
  kind: 'lmdb' | 'level',
  lines: readonly string[],
  before?: (log: EmbeddedLog) => Promise<void>
): Promise<Run> {
  const log = await openEmbeddedLog(join(root, 'log'), { housekeepingMs: 0 })
  await log.ensureTopics([...topics(PARTITIONS).keys()].map(name => ({ name, partitions: PARTITIONS, cleanup: 'delete', retentionMs: -1 })))
  await before?.(log)
  let wipes = 0
  const place = ({ unit, partition }: TaskId) => join(root, 'state', `${unit}-${partition}`)
  const open = async (task: TaskId) => {
    const store = await openStore(kind)(place(task))
    const clear = store.clear.bind(store)
    store.clear = space => {
      wipes++
      return clear(space)
    }
    return store
  }
  let failure: unknown
  const application = new StreamsApplication(
    {
      applicationId: 'wc',
      topology,
      codec,
      log,
      mergeStores: { operandBytes: 100, cache: new MergeCache(1e6) },
      openStore: open,
      wipeStore: async task => {
        wipes++
        await wipeStore(place(task))
      },
      resolveSchema: async () => {},
      maxCommitRecords: 3,
      commitIntervalMs: 5,
      clock: systemClock,
      onNotice: () => {}
    },
    error => {
      failure = error
    }
  )
  await application.start()
  await log.send(lines.map(line => ({ topic: 'lines', key: Buffer.from('k'), value: codec.encode('lines', line) })))
  const counted = async (topic: string) =>
    (await log.committed('wc', [{ topic, partition: 0 }]))[0] === (await log.endOffset({ topic, partition: 0 }))
  await until(async () => {
    if (failure !== undefined) throw failure
    const settled = application.tasks.length === 2 && application.tasks.every(task => task.settled)
    return settled && (lines.length === 0 || ((await counted('lines')) && (await counted('words'))))
  })
  const restored = application.tasks.reduce((sum, task) => sum + task.restoring.restored, 0)
  await application.close()
  const { records } = await log.fetch({ topic: 'counts', partition: 0 }, 0, 1 << 20)
  const counts = Object.fromEntries(records.map(({ key, value }) => [`${key}`, codec.decode('counts', value!) as number]))
  await log.close()
  return { counts, restored, wipes }
}

const many = Array.from({ length: 30 }, (_, i) => `a b${i % 7}`)

for (const kind of ['lmdb', 'level'] as const) {
  t.test(`${kind}: a clean stop and start wipes nothing and restores nothing`, async t => {
    const root = await directory(t)
    await run(root, kind, many)
    for (let restart = 1; restart <= 4; restart++) {
      const { counts, restored, wipes } = await run(root, kind, restart % 2 === 0 ? ['a'] : [])
      t.same({ a: counts.a, restored, wipes }, { a: 30 + Math.floor(restart / 2), restored: 0, wipes: 0 }, `restart ${restart}`)
    }
  })

  t.test(`${kind}: without its store a task restores all of it; with an older one, the rest`, async t => {
    const root = await directory(t)
    await run(root, kind, many.slice(0, 10))
    await cp(join(root, 'state'), join(root, 'older'), { recursive: true })
    await run(root, kind, many.slice(10))
    await rm(join(root, 'state'), { recursive: true })
    const anew = await run(root, kind, ['a'])
    t.equal(anew.counts.a, 31)
    await rm(join(root, 'state'), { recursive: true })
    await cp(join(root, 'older'), join(root, 'state'), { recursive: true })
    const rest = await run(root, kind, ['a'])
    t.equal(rest.counts.a, 32)
    t.ok(rest.restored > 0 && rest.restored < anew.restored, `${rest.restored} of ${anew.restored}`)
    t.equal(rest.wipes, 0)
  })

  t.test(`${kind}: a store that is ahead of its changelog is emptied and restored`, async t => {
    const root = await directory(t)
    await run(root, kind, many.slice(0, 10))
    await cp(join(root, 'log'), join(root, 'older'), { recursive: true })
    await run(root, kind, many.slice(10))
    await rm(join(root, 'log'), { recursive: true })
    await cp(join(root, 'older'), join(root, 'log'), { recursive: true })
    const { counts, wipes, restored } = await run(root, kind, ['a'])
    t.equal(counts.a, 11, 'the log is the truth')
    t.ok(wipes > 0 && restored > 0)
    t.same(await run(root, kind, []), { counts, wipes: 0, restored: 0 })
  })

  t.test(`${kind}: a store that is behind the beginning of its changelog is emptied and restored`, async t => {
    const root = await directory(t)
    await run(root, kind, many.slice(0, 10))
    await cp(join(root, 'state'), join(root, 'older'), { recursive: true })
    await run(root, kind, many.slice(10))
    await rm(join(root, 'state'), { recursive: true })
    await cp(join(root, 'older'), join(root, 'state'), { recursive: true })
    const changelog = { topic: changelogTopic('wc', 'seen'), partition: 0 }
    const { restored, wipes } = await run(root, kind, [], async log =>
      log.deleteRecords([{ ...changelog, offset: (await log.endOffset(changelog)) - 1 }])
    )
    t.equal(wipes, 1)
    t.ok(restored > 0)
    t.same((await run(root, kind, ['a'])).counts.a, 31, 'and it goes on')
  })
}
