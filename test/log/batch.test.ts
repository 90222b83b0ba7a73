import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { BatchCursor, BatchWriter, isWhole, readHead, recordBound } from '../../streams/log/embedded/batch.js'
import type { NewRecord } from '../../streams/log/log.js'

const bytes = fc.option(
  fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array)),
  { nil: null }
)
const records = fc.array(
  fc.record(
    {
      topic: fc.constant('t'),
      timestamp: fc.oneof(
        fc.nat(1000),
        fc.maxSafeNat().map(n => n % 2 ** 52)
      ),
      key: bytes,
      value: bytes,
      headers: fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { maxKeys: 3 })
    },
    { requiredKeys: ['topic', 'timestamp', 'key', 'value'] }
  ),
  { minLength: 1, maxLength: 20 }
)
const gaps = fc.array(fc.oneof(fc.nat(3), fc.nat(2 ** 40)), { minLength: 20, maxLength: 20 })

type Read = [offset: number, timestamp: number, key: Buffer | null, value: Buffer | null, headers: object | undefined]

function readAll(batch: Buffer): Read[] {
  const found: Read[] = []
  for (const cursor = new BatchCursor(batch); cursor.next(); )
    found.push([cursor.offset, cursor.timestamp, cursor.key, cursor.value, cursor.headers])
  return found
}

const headersOf = (record: NewRecord): object | undefined =>
  record.headers && Object.keys(record.headers).length > 0 ? { ...record.headers } : undefined

t.test('what is written is read, and what is copied is the same', async () => {
  fc.assert(
    fc.property(records, gaps, fc.nat(2 ** 45), (all, steps, first) => {
      const writer = new BatchWriter(first, 10)
      const exact = new BatchWriter(
        first,
        all.reduce((sum, record) => sum + recordBound(record), 0)
      )
      let offset = first
      const wanted = all.map((record, i): Read => {
        offset += steps[i]!
        if (exact.isFullFor(recordBound(record))) throw new Error('the bounds are too small')
        writer.record(offset, record.timestamp!, record, recordBound(record))
        exact.record(offset, record.timestamp!, record, recordBound(record))
        return [offset++, record.timestamp!, record.key, record.value, headersOf(record)]
      })
      const batch = writer.finish(7, 3, offset)
      const copy = new BatchWriter(first, 10)
      for (const cursor = new BatchCursor(batch); cursor.next(); ) copy.copy(cursor)
      for (const candidate of [batch, exact.finish(7, 3, offset), copy.finish(7, 3, offset)]) {
        if (!isDeepStrictEqual(readAll(candidate), wanted)) throw new Error('other records')
        if (!isWhole(candidate)) throw new Error('wrong checksum')
      }
      const maxTime = Math.max(...all.map(record => record.timestamp!))
      const head = { topicId: 7, partition: 3, first, last: offset, maxTime, horizon: 0, cleaned: false, count: all.length }
      if (!isDeepStrictEqual(readHead(batch), head)) throw new Error('another head')
    }),
    { numRuns: 40 }
  )
})

t.test('a flipped bit does not pass the checksum', async t => {
  const writer = new BatchWriter(0, 100)
  const record = { topic: 't', key: Buffer.from('k'), value: Buffer.from('v') }
  writer.record(0, 1, record, recordBound(record))
  const batch = writer.finish(1, 0, 0)
  for (let bit = 32; bit < batch.length * 8; bit++) {
    const damaged = Buffer.from(batch)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    if (isWhole(damaged)) t.fail(`bit ${bit}`)
  }
})
