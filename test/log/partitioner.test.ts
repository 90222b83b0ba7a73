import t from 'tap'
import { murmur2, partitioner, partitionOf } from '../../streams/log/partitioner.js'

t.test("murmur2 is Kafka's: the values of its own UtilsTest", async t => {
  const cases: [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107]
  ]
  for (const [text, hash] of cases) t.equal(murmur2(Buffer.from(text)), hash, text)
})

t.test('a negative hash makes a positive partition, as toPositive does', async t => {
  t.equal(partitionOf(Buffer.from('21'), 1000), (-973932308 & 0x7fffffff) % 1000)
  t.equal(partitionOf(Buffer.from('abc'), 3), 479470107 % 3)
})

t.test('records without a key go to the partitions in turn', async t => {
  const choose = partitioner()
  t.strictSame(
    Array.from({ length: 7 }, () => choose(null, 3)),
    [0, 1, 2, 0, 1, 2, 0]
  )
})
