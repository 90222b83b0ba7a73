/**
 * The Registry port: schemas by id, versions by subject. Adapters: local files; Confluent's API.
 */
import type { AvroSchema } from './sources.js'

export interface Registry {
  /**
   * The id of a schema under a subject (`<topic>-value`), registering it where it is new. The same schema has one id.
   * @throws IncompatibleSchemaError it can't read what was registered under the subject before.
   * @throws RegistryUnavailableError
   */
  register(subject: string, schema: AvroSchema): Promise<number>
  /**
   * The Avro schema of an id; undefined: there is none.
   * @throws RegistryUnavailableError it can't be told now.
   */
  schema(id: number): Promise<AvroSchema | undefined>
}

export const subjectOf = (topic: string): string => `${topic}-value`

/** Reaction: back off and try again. */
export class RegistryUnavailableError extends Error {
  override name = 'RegistryUnavailableError'
}
/** Reaction: stop with its message. */
export class IncompatibleSchemaError extends Error {
  override name = 'IncompatibleSchemaError'
}
