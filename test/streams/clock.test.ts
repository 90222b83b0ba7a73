import { MemoryLevel } from 'memory-level'
import t from 'tap'
import { StreamsApplication } from '../../streams/application.js'
import { steady, systemClock } from '../../streams/clock.js'
import { createEmbeddedLog } from '../../streams/log/embedded/log.js'
import type { Database } from '../../streams/log/embedded/options.js'
import { LogConfigError } from '../../streams/log/log.js'
import type { Processor } from '../../streams/processor.js'
import { MergeCache } from '../../streams/stores/merge-store.js'
import { buildTopology } from '../../streams/topology.js'
import { MapStore } from './map-store.js'
import { codec, topics } from './word-count.js'

const HOUR = 3_600_000

t.test('a clock that is set back goes on, slower, until it is right again', async t => {
  let wall = 1_000_000
  const now = steady(() => wall)
  const after = (ms: number) => {
    wall += ms
    return now()
  }
  t.equal(after(10), 1_000_010)
  t.equal(after(-500), 1_000_010, 'it does not fall')
  t.equal(after(100), 1_000_060, 'time passes')
  t.equal(after(1), 1_000_060)
  t.equal(after(1), 1_000_061)
  t.equal(after(1_000), wall, 'and is right again')
  t.equal(after(HOUR), wall, 'forward it goes as it is set')
})

const memory = (): Database => new MemoryLevel({ keyEncoding: 'buffer', valueEncoding: 'buffer' }) as never

t.test('a record from the future is refused', async t => {
  const log = await createEmbeddedLog(memory(), { housekeepingMs: 0 })
  t.teardown(() => log.close())
  await log.ensureTopics([{ name: 'lines', partitions: 1, cleanup: 'delete', retentionMs: -1 }])
  const send = (timestamp: number) => log.send([{ topic: 'lines', key: null, value: null, timestamp }])
  await t.rejects(send(Date.now() + 2 * HOUR), LogConfigError)
  await t.rejects(send(Date.now() + 2 * HOUR), /more than an hour ahead: check the clock it came from/)
  await send(Date.now() + HOUR / 2)
  t.equal(await log.endOffset({ topic: 'lines', partition: 0 }), 1)
})

t.test('the wall clock jumps back and forth while records flow: all is committed, stream time and punctuation only rise', async t => {
  let skew = 0
  const clock = { now: steady(() => Date.now() + skew), sleep: systemClock.sleep }
  const log = await createEmbeddedLog(memory(), { housekeepingMs: 0, clock })
  await log.ensureTopics([...topics(1).keys()].map(name => ({ name, partitions: 1, cleanup: 'delete', retentionMs: -1 })))
  const punctuated: number[] = []
  const streamTimes: number[] = []
  const echo: Processor<{ lines: string; counts: string }, { value: string }, 'counts', Record<string, never>> = {
    name: 'echo',
    from: ['lines'],
    to: ['counts'],
    stores: {},
    create: context => ({
      process: ({ value }) => {
        streamTimes.push(context.streamTime)
        context.send('counts', value, value)
      },
      punctuate: time => punctuated.push(time)
    })
  }
  const application = new StreamsApplication(
    {
      applicationId: 'clock',
      topology: buildTopology(topics(1), 'letters', { echo: [echo] }),
      codec,
      log,
      mergeStores: { operandBytes: 1_000, cache: new MergeCache(1_000) },
      openStore: async () => new MapStore(),
      wipeStore: async () => {},
      resolveSchema: async () => {},
      maxCommitRecords: 1_000,
      commitIntervalMs: 5,
      clock,
      onNotice: () => {}
    },
    error => t.fail(String(error))
  )
  await application.start()
  const jumps = [0, -HOUR, -24 * HOUR, 2 * HOUR, 0, 26 * HOUR, -30 * 24 * HOUR]
  for (const [i, jump] of jumps.entries()) {
    skew = jump
    await log.send([{ topic: 'lines', key: Buffer.from('k'), value: codec.encode('lines', `line ${i}`) }])
    // Without progress this waits until the test's own limit.
    while ((await log.committed('clock', [{ topic: 'lines', partition: 0 }]))[0] !== i + 1)
      await new Promise(resolve => setTimeout(resolve, 5))
  }
  await application.close()
  const { records } = await log.fetch({ topic: 'counts', partition: 0 }, 0, 1 << 20)
  t.same(
    records.map(({ value }) => codec.decode('counts', value!)),
    jumps.map((_, i) => `line ${i}`)
  )
  await log.close()
  const rises = (times: readonly number[]) => times.every((time, i) => i === 0 || time >= times[i - 1]!)
  t.ok(rises(streamTimes), `stream time: ${streamTimes}`)
  t.ok(punctuated.length >= 3 && rises(punctuated), `punctuation: ${punctuated}`)
  t.ok(streamTimes.at(-1)! <= Date.now() + 27 * HOUR, 'and it is no later than the clock ever was')
})
