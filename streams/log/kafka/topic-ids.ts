import Encoder from 'kafkajs/src/protocol/encoder.js'
import protocolErrors from 'kafkajs/src/protocol/error.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import type { Connection } from './connection.js'
import { NO_TAGS, sendFlexible } from './flexible.js'
import type { Reader } from './reader.js'

const NO_ID = Buffer.alloc(16)

/** What Kafka gave each topic when it was created (KIP-516), by name; those that don't exist are left out. */
export async function topicIds(connection: Connection, names: readonly string[]): Promise<Map<string, string>> {
  const body = new Encoder().writeUVarInt(names.length + 1)
  for (const name of names) {
    body.writeBufferInternal(NO_ID)
    body.writeUVarIntString(name).writeUVarInt(NO_TAGS)
  }
  // No creation, no lists of what is allowed.
  body.writeInt8(0).writeInt8(0).writeInt8(0).writeUVarInt(NO_TAGS)
  const broker = await connection.anyBroker()
  return sendFlexible(connection, broker, { key: apiKeys.Metadata, name: 'Metadata', version: 10 }, body, input => {
    for (const _ of input.compactArray()) readBroker(input)
    input.compactString()
    input.int32()
    const ids = new Map<string, string>()
    for (const _ of input.compactArray()) {
      const { code, name, id } = readTopic(input)
      if (code === 0) ids.set(name, id)
      else if (protocolErrors.createErrorFromCode(code).type !== 'UNKNOWN_TOPIC_OR_PARTITION')
        throw protocolErrors.createErrorFromCode(code)
    }
    return ids
  })
}

function readBroker(input: Reader): void {
  input.int32()
  input.compactString()
  input.int32()
  input.compactString()
  input.tags()
}

function readTopic(input: Reader): { code: number; name: string; id: string } {
  const code = input.int16()
  const name = input.compactString()
  const id = input.raw(NO_ID.length).toString('hex')
  input.raw(1)
  for (const _ of input.compactArray()) {
    input.int16()
    input.int32()
    input.int32()
    input.int32()
    for (let lists = 0; lists < 3; lists++) for (const __ of input.compactArray()) input.int32()
    input.tags()
  }
  input.int32()
  input.tags()
  return { code, name, id }
}
