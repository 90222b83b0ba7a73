import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import { topicSpecs } from '../../schemas/catalogue.js'
import { createCodec } from '../../schemas/codec.js'
import { openLocalRegistry } from '../../schemas/local-registry.js'
import { createEmbeddedLog } from '../../streams/log/embedded/log.js'
import { partitionOf } from '../../streams/log/partitioner.js'
import { lastValues } from '../../tools/last-values.js'
import { memory } from '../log/harness.js'

const TOPIC = 'track-details'
const keys = ['a', 'b', 'c', '10', '9', '__proto__', 'é'] as const
const writes = fc.array(fc.tuple(fc.constantFrom(...keys), fc.option(fc.nat(1000))), { maxLength: 40 })

t.test('the last value of each key, in order of the keys, however many parts it takes', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'segue-last-values-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const codec = await createCodec(openLocalRegistry(directory))
  await fc.assert(
    fc.asyncProperty(writes, fc.constantFrom(1, 60, 1 << 20), async (written, partBytes) => {
      const log = await createEmbeddedLog(memory(), { housekeepingMs: 0 })
      await log.ensureTopics(topicSpecs(3))
      const expected = new Map<string, number>()
      for (const [key, plays] of written) {
        const details = { track_id: key, track_name: 'name', artist_id: 'artist', plays: plays ?? 0 }
        const value = plays === null ? null : codec.encode(TOPIC, details)
        await log.send([{ topic: TOPIC, key: Buffer.from(key), value, partition: partitionOf(Buffer.from(key), 3) }])
        if (plays === null) expected.delete(key)
        else expected.set(key, plays)
      }
      const values = await Readable.from(lastValues({ log, codec, topic: TOPIC, partitions: 3 }, partBytes)).toArray()
      await log.close()
      t.same(
        values.map(({ track_id, plays }) => [track_id, plays]),
        [...expected].sort(([a], [b]) => (a < b ? -1 : 1))
      )
    }),
    { numRuns: 30 }
  )
})
