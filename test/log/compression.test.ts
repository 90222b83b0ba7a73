import t from 'tap'
import { decompress } from '../../streams/log/kafka/compression.js'
import { LogConfigError } from '../../streams/log/log.js'

t.test('a bare block of Snappy, as clients on librdkafka write it', async t => {
  const text = Buffer.from('one piece flows into the next')
  const literal = (text.length - 1) << 2
  t.strictSame(decompress(2, Buffer.from([text.length, literal, ...text])), text)
})

t.test('a codec that is not known is named, with what to do', async t => {
  t.throws(
    () => decompress(7, Buffer.alloc(0)),
    new LogConfigError(
      "A record batch is compressed with codec 7, which can't be read here: let its producer use none, gzip, snappy, lz4 or zstd."
    )
  )
})
