/**
 * A schema registry by Confluent's REST API (Confluent, Apicurio Registry, Karapace, Redpanda):
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
import { incompatibilities } from './compatibility.js'
import { IncompatibleSchemaError, type Registry, RegistryUnavailableError } from './registry.js'
import type { AvroSchema } from './sources.js'

export interface ConfluentRegistryOptions {
  /** The base of the API, without credentials. */
  readonly url: string
  /** Basic authentication. */
  readonly user?: string
  readonly password?: string
  /** Of one request. Default 5000. */
  readonly timeoutMs?: number
}

/** The level under which every schema of a subject must be able to read what any former one wrote; a stricter one may be set. */
const LEVEL = 'BACKWARD_TRANSITIVE'
const ENOUGH: readonly unknown[] = [LEVEL, 'FULL_TRANSITIVE']

// Codes of Confluent's API. A 404 without one comes from something else, such as a wrong path: it says nothing of a schema.
const NO_SUBJECT = 40401
const NO_SCHEMA = 40403
const NO_SUBJECT_LEVEL = 40408

/** Ids are 32-bit integers there; a poison record may name any four bytes. */
const MAX_ID = 2 ** 31 - 1

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Asks nothing yet: a registry that is down is told by its calls. */
export function openConfluentRegistry(options: ConfluentRegistryOptions): Registry {
  return new ConfluentRegistry(options)
}

class ConfluentRegistry implements Registry {
  readonly #base: string
  readonly #headers: Record<string, string>
  readonly #timeoutMs: number

  constructor({ url, user, password, timeoutMs = 5_000 }: ConfluentRegistryOptions) {
    this.#base = url.replace(/\/+$/, '')
    this.#headers = { accept: 'application/vnd.schemaregistry.v1+json, application/json' }
    if (user !== undefined) this.#headers.authorization = `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`
    this.#timeoutMs = timeoutMs
  }

  async register(subject: string, schema: AvroSchema): Promise<number> {
    await this.#setLevel(subject)
    const answer = await this.#ask('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema: JSON.stringify(schema) })
    if (answer.status === 409) throw new IncompatibleSchemaError(await this.#reason(subject, schema, answer))
    if (answer.status === 422)
      throw new Error(`The schema registry takes the schema of ${subject} for no Avro schema: ${messageOf(answer)}`)
    const { id } = this.#expect(answer) as { id?: unknown }
    if (typeof id !== 'number') throw this.#strange(answer)
    return id
  }

  async schema(id: number): Promise<AvroSchema | undefined> {
    if (id < 1 || id > MAX_ID) return undefined
    const answer = await this.#ask('GET', `/schemas/ids/${id}`)
    if (answer.status === 404 && codeOf(answer) === NO_SCHEMA) return undefined
    const { schemaType = 'AVRO' } = this.#expect(answer) as { schemaType?: unknown }
    return schemaType === 'AVRO' ? this.#schemaOf(answer) : undefined
  }

  /** Before anything is registered, so that of two that register at once the second is checked. */
  async #setLevel(subject: string): Promise<void> {
    const path = `/config/${encodeURIComponent(subject)}`
    if (await this.#isLevelSet(path)) return
    const answer = await this.#ask('PUT', path, { compatibility: LEVEL })
    // Another who starts at the same moment was first: Apicurio refuses the second one.
    if (answer.status === 409 && (await this.#isLevelSet(path))) return
    this.#expect(answer)
  }

  async #isLevelSet(path: string): Promise<boolean> {
    const answer = await this.#ask('GET', path)
    if (answer.status === 404 && [NO_SUBJECT, NO_SUBJECT_LEVEL].includes(codeOf(answer) ?? 0)) return false
    return ENOUGH.includes((this.#expect(answer) as { compatibilityLevel?: unknown }).compatibilityLevel)
  }

  /** In our own words, which name the field; in the registry's, where it refuses what we would take. */
  async #reason(subject: string, schema: AvroSchema, refusal: Answer): Promise<string> {
    const versions = `/subjects/${encodeURIComponent(subject)}/versions`
    for (const version of this.#expect(await this.#ask('GET', versions)) as readonly number[]) {
      const answer = await this.#ask('GET', `${versions}/${version}`)
      const problems = incompatibilities(schema, this.#schemaOf(answer))
      const { id } = answer.body as { id: number }
      if (problems.length > 0) return `The schema of ${subject} can't read what schema ${id} wrote: ${problems.join(' ')}`
    }
    return `The schema registry refuses the schema of ${subject}: ${messageOf(refusal)}`
  }

  #schemaOf(answer: Answer): AvroSchema {
    const { schema } = this.#expect(answer) as { schema?: unknown }
    if (typeof schema !== 'string') throw this.#strange(answer)
    return JSON.parse(schema) as AvroSchema
  }

  /** @throws RegistryUnavailableError no answer, in time, that says something of a schema */
  async #ask(method: string, path: string, body?: object): Promise<Answer> {
    const headers = body === undefined ? this.#headers : { ...this.#headers, 'content-type': 'application/vnd.schemaregistry.v1+json' }
    const given = body === undefined ? {} : { body: JSON.stringify(body) }
    try {
      const response = await fetch(this.#base + path, { method, headers, signal: AbortSignal.timeout(this.#timeoutMs), ...given })
      return { status: response.status, body: parse(await response.text()) }
    } catch (error) {
      const { message, cause } = error as Error
      throw new RegistryUnavailableError(`The schema registry at ${this.#base} can't be reached: ${causeOf(cause) ?? message}.`)
    }
  }

  /** The body of a success. Whatever else came may be another answer next time: no record is given up for it. */
  #expect(answer: Answer): unknown {
    if (answer.status === 401 || answer.status === 403)
      throw new RegistryUnavailableError(
        `The schema registry at ${this.#base} refuses the credentials (${answer.status}): check SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD.`
      )
    if (answer.status !== 200 || typeof answer.body !== 'object' || answer.body === null) throw this.#strange(answer)
    return answer.body
  }

  #strange(answer: Answer): RegistryUnavailableError {
    const what = codeOf(answer) === undefined ? 'not as a schema registry does: check SCHEMA_REGISTRY_URL' : messageOf(answer)
    return new RegistryUnavailableError(`The schema registry at ${this.#base} answers ${answer.status}, ${what}.`)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const codeOf = ({ body }: Answer): number | undefined => (body as { error_code?: number } | undefined)?.error_code
const messageOf = ({ body }: Answer): string => (body as { message?: string } | undefined)?.message ?? 'without a reason'
const causeOf = (cause: unknown): string | undefined =>
  cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : undefined
