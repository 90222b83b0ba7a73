import fc from 'fast-check'
import t from 'tap'
import { AvroError, AvroReader } from '../../schemas/avro-io.js'
import { createCodec, UndecodableError } from '../../schemas/codec.js'
import { walker } from '../../schemas/walk.js'
import { MemoryRegistry } from './memory-registry.js'
import { play } from './samples.js'

const codec = await createCodec(new MemoryRegistry())

const reason = (bytes: Uint8Array): string => {
  try {
    codec.decode('spotify-plays', bytes)
  } catch (error) {
    if (error instanceof UndecodableError) return error.message
    throw error
  }
  throw new Error('it was decoded')
}

t.test('poison has a sentence', async t => {
  const good = codec.encode('spotify-plays', play)
  t.match(reason(Buffer.alloc(0)), /0 bytes, too few/)
  t.match(reason(Buffer.from('{"user_id": "u"}')), /begins with the byte 123/)
  t.match(reason(good.subarray(0, 40)), /ends at byte 40/)
  t.match(reason(Buffer.concat([good, Buffer.from([0, 0])])), /goes on for 2 bytes/)
  for (let end = 5; end < good.length; end++) reason(good.subarray(0, end))
})

t.test('strings that are not UTF-8, integers that are not exact, indexes and counts that can not be', async t => {
  const reader = new AvroReader()
  const refuse = (read: () => unknown, bytes: number[], message: RegExp) => {
    reader.open(Buffer.from(bytes))
    t.throws(read, { name: 'AvroError', message })
  }
  refuse(() => reader.string(), [2, 0xff], /not UTF-8/)
  refuse(() => reader.string(), [6, 0xed, 0xa0, 0x80], /not UTF-8/)
  refuse(() => reader.string(), [1], /negative length/)
  refuse(() => reader.long(), [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20], /beyond 2\^53/)
  refuse(() => reader.long(), Array(11).fill(0x80), /more than 10 bytes/)
  refuse(() => reader.int(), [0x80, 0x80, 0x80, 0x80, 0x10], /beyond 32 bits/)
  refuse(() => reader.boolean(), [2], /boolean/)
  refuse(() => reader.index(2), [4], /index 2 of 2/)
  refuse(() => reader.index(2), [1], /index -1 of 2/)
  refuse(() => reader.block(), [0x80, 0x80, 0x80, 0x80, 0x10], /more than can follow/)
  t.equal(reader.open(Buffer.from([6, 0xef, 0xbf, 0xbd])).string(), '\ufffd', 'U+FFFD itself is a character')
  t.equal(reader.open(Buffer.from('feffffffffffff1f', 'hex')).long(), Number.MAX_SAFE_INTEGER)
})

t.test('whatever the bytes are, a reader ends with a value or an AvroError', async t => {
  const schema = {
    type: 'record' as const,
    name: 'Node',
    fields: [
      { name: 'words', type: { type: 'map' as const, values: { type: 'array' as const, items: ['null' as const, 'string'] } } },
      { name: 'fixed', type: { type: 'fixed' as const, name: 'Four', size: 4 } },
      { name: 'again', type: { type: 'fixed' as const, name: 'Two', size: 2 } },
      { name: 'numbers', type: { type: 'array' as const, items: ['float', 'double', 'int'] } },
      { name: 'next', type: ['null', 'Node'] }
    ]
  }
  const walk = walker(schema)
  const reader = new AvroReader()
  const ends = (bytes: Uint8Array) => {
    try {
      walk(reader.open(bytes))
    } catch (error) {
      if (!(error instanceof AvroError)) throw error
    }
  }
  const small = fc.array(fc.oneof(fc.nat(6), fc.nat(255)), { maxLength: 60 })
  fc.assert(fc.property(small, bytes => ends(Uint8Array.from(bytes))))
  t.pass()
})

t.test('a blocked array with its size in bytes is read', async t => {
  const walk = walker({ type: 'array', items: 'int' })
  const reader = new AvroReader()
  walk(reader.open(Buffer.from([3, 4, 2, 4, 0])))
  t.equal(reader.position, 5)
})

t.test('bytes of our own topics, damaged anywhere, give a value or a sentence', async t => {
  const updates = {
    dictionary: ['a', 'b'],
    track: [0],
    sessions: [1],
    n: [0.5],
    neighbours: [1],
    other: [1],
    together: [1],
    weight: [0.25],
    plays: [{ track: 0, name: 1, artist: 1, minute: 29_000_000, country: -1, count: 1, latest: 1_767_225_600_000, others: 0 }],
    play_corrections: [{ track: 0, count: -1 }],
    chart_corrections: [{ track: 0, country: -1, count: 1 }]
  }
  const good = codec.encodeBare('track-updates', updates)
  let refused = 0
  for (let at = 0; at < good.length; at++) {
    for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
      const bytes = Buffer.from(good)
      bytes[at] = byte
      try {
        codec.decodeBare('track-updates', bytes)
      } catch (error) {
        if (!(error instanceof UndecodableError)) throw error
        refused++
      }
    }
  }
  t.ok(refused > good.length)
})
