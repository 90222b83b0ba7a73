import { LogConfigError, LogError, OffsetOutOfRangeError, ProducerFencedError, RetriableLogError } from '../log.js'

/** kafkajs's errors carry the protocol's name of the error and whether the request may be repeated. */
interface ClientError extends Error {
  readonly type?: string
  readonly retriable?: boolean
}

/** Another producer has the transactional id, or the broker ended the transaction after its time-out. */
const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'TRANSACTIONAL_ID_NOT_FOUND', 'INVALID_PRODUCER_ID_MAPPING'])
/** The request went to a broker that is not, or not yet, in charge. */
const MOVED = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'LEADER_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'NOT_CONTROLLER'
])
const REFUSED =
  /AUTHORIZATION_FAILED|AUTHENTICATION|SASL|INVALID_CONFIG|INVALID_REPLICATION|POLICY_VIOLATION|INVALID_PARTITIONS|TOPIC_EXCEPTION/

export const typeOf = (error: unknown): string | undefined => (error as ClientError | undefined)?.type

/** Turns an error of the client or the broker into the one that names the reaction. `doing` ends "Kafka could not …". */
export function toLogError(error: unknown, doing: string): LogError {
  if (error instanceof LogError) return error
  const { name, message, type, retriable } = error as ClientError
  const sentence = `Kafka could not ${doing}: ${message.replace(/\.$/, '')}${type === undefined ? '' : ` (${type})`}.`
  const cause = { cause: error }
  if (type !== undefined && FENCED.has(type))
    return new ProducerFencedError(`Another producer has taken over (could not ${doing}: ${type}).`, cause)
  if (type === 'OFFSET_OUT_OF_RANGE') return new OffsetOutOfRangeError(sentence, cause)
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return new LogConfigError(sentence, cause)
  if (type !== undefined && REFUSED.test(type)) return new LogConfigError(sentence, cause)
  if (name === 'KafkaJSSASLAuthenticationError') return new LogConfigError(`${sentence} Check the user name and the password.`, cause)
  // On a new broker: the topic that coordinators keep is being created.
  const noCoordinator = name === 'KafkaJSGroupCoordinatorNotFound'
  if (retriable === true || noCoordinator || isOfConnection(error) || (type !== undefined && MOVED.has(type)))
    return new RetriableLogError(sentence, cause)
  return new LogError(sentence, cause)
}

/** Whether the reply is missing: the request may have been carried out. */
export const isOfConnection = (error: unknown): boolean =>
  error instanceof Error &&
  error.name !== 'KafkaJSProtocolError' &&
  /Connection|Timeout|BrokerNotFound|Closed|Retries|MetadataNotLoaded/.test(error.name)
