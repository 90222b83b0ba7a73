import type { Serde } from '../../streams/processor.js'

/** For what is written seldom: readable is worth more than small. */
export const jsonSerde = <V>(): Serde<V> => ({
  encode: value => Buffer.from(JSON.stringify(value)),
  decode: bytes => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as V
})
