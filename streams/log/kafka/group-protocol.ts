/** The requests of a group's member, with the instance id that kafkajs's own methods leave out (KIP-345). */
import type { Broker } from 'kafkajs/src/cluster/index.js'
import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js'
import protocol from 'kafkajs/src/protocol/requests/index.js'
import type { Connection } from './connection.js'

type Api = keyof typeof protocol.requests

interface Member {
  readonly groupId: string
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export interface Joined {
  readonly generationId: number
  readonly leaderId: string
  readonly memberId: string
  /** Told to the leader only. */
  readonly members: readonly { memberId: string; memberMetadata: Buffer }[]
}

function send<R>(connection: Connection, broker: Broker, api: Api, argument: object): Promise<R> {
  return connection.send(broker, broker.lookupRequest<object, R>(apiKeys[api], protocol.requests[api])(argument))
}

export async function joinGroup(
  connection: Connection,
  broker: Broker,
  member: Member,
  name: string,
  metadata: Buffer,
  timeouts: { sessionTimeout: number; rebalanceTimeout: number }
): Promise<Joined> {
  const request = { ...member, ...timeouts, protocolType: 'consumer', groupProtocols: [{ name, metadata }] }
  try {
    return await send<Joined>(connection, broker, 'JoinGroup', request)
  } catch (error) {
    const { name: kind, memberId } = error as { name?: string; memberId?: string }
    if (kind !== 'KafkaJSMemberIdRequired') throw error
    return send<Joined>(connection, broker, 'JoinGroup', { ...request, memberId })
  }
}

export async function syncGroup(
  connection: Connection,
  broker: Broker,
  member: Member,
  generationId: number,
  groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[]
): Promise<Buffer> {
  const reply = await send<{ memberAssignment: Buffer | null }>(connection, broker, 'SyncGroup', {
    ...member,
    generationId,
    groupAssignment
  })
  return reply.memberAssignment ?? Buffer.alloc(0)
}

export const heartbeat = (connection: Connection, broker: Broker, member: Member, groupGenerationId: number): Promise<unknown> =>
  send(connection, broker, 'Heartbeat', { ...member, groupGenerationId })

export const leaveGroup = (connection: Connection, broker: Broker, member: Member): Promise<unknown> =>
  send(connection, broker, 'LeaveGroup', member)
