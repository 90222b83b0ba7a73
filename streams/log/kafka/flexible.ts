/** Requests in the protocol's flexible versions (KIP-482), which kafkajs does not have. */
import type { Broker, ProtocolCall } from 'kafkajs/src/cluster/index.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import type { Connection } from './connection.js'
import { Reader } from './reader.js'

export const NO_TAGS = 0

/** Both headers end with tags; what is parsed comes after the throttle time. */
export function sendFlexible<R>(
  connection: Connection,
  broker: Broker,
  { key, name, version }: { key: number; name: string; version: number },
  body: Encoder,
  parse: (input: Reader) => R
): Promise<R> {
  const call: ProtocolCall<R> = {
    request: {
      apiKey: key,
      apiVersion: version,
      apiName: name,
      encode: async () => new Encoder().writeUVarInt(NO_TAGS).writeEncoder(body)
    },
    response: {
      decode: async payload => {
        const input = new Reader(payload)
        input.tags()
        return { clientSideThrottleTime: input.int32(), result: parse(input) }
      },
      parse: async data => (data as { result: R }).result
    }
  }
  return connection.send(broker, call)
}
