/**
 * Values of the catalogue's topics as bytes: Avro with the Confluent wire format (0, the schema's id as four bytes, big
 * endian, then the value), or bare for stores and the view, where the schema is always our own.
 */

import { AvroWriter } from './avro-io.js'
import { binaries } from './binary.js'
import { catalogue, type TopicName, type TopicValues, topicNames } from './catalogue.js'
import { ExpiringSet } from './expiring-set.js'
import { misfit } from './misfit.js'
import { type Registry, subjectOf } from './registry.js'
import { type AvroSchema, readSchema } from './sources.js'
import { type OwnSchema, parse, type Read, readerOf, readWith } from './writers.js'

/** Reaction: dead letter. Its message is a sentence for the person who reads the dead letter. */
export class UndecodableError extends Error {
  override name = 'UndecodableError'
}
/** Reaction: await `codec.resolve(id)`, then decode again. */
export class SchemaPendingError extends Error {
  override name = 'SchemaPendingError'
  constructor(readonly id: number) {
    super(`The schema ${id} was not looked up yet.`)
  }
}
/** A value that does not fit its schema: a fault of the program that made it. */
export class UnencodableError extends Error {
  override name = 'UnencodableError'
}

export interface Codec<T = TopicValues> {
  /** With the wire-format header. @throws UnencodableError naming the field. */
  encode<N extends keyof T & string>(topic: N, value: T[N]): Buffer
  /**
   * Reads what any compatible schema wrote.
   * @throws UndecodableError @throws SchemaPendingError
   */
  decode<N extends keyof T & string>(topic: N, bytes: Uint8Array): T[N]
  /** Whether our own schema wrote it: what follows the header is then a bare value. */
  isCurrent(topic: keyof T & string, bytes: Uint8Array): boolean
  /** What `encode` puts before a bare value. */
  header(topic: keyof T & string): Buffer
  /** Looks a writer's schema up. @throws RegistryUnavailableError try again later. */
  resolve(id: number): Promise<void>
  /** Without a header. @throws UnencodableError naming the field. */
  encodeBare<N extends keyof T & string>(topic: N, value: T[N]): Buffer
  /** @throws UndecodableError */
  decodeBare<N extends keyof T & string>(topic: N, bytes: Uint8Array): T[N]
}

const headerBytes = 5
// A poison record may name any id; one that is not registered today may be tomorrow.
const absentMs = 60_000
const absentLimit = 1_000

interface Shape extends OwnSchema {
  readonly header: Buffer
  write(out: AvroWriter, value: unknown): void
  readonly own: Read
  /** By schema id; a string says why it can't be read. */
  readonly readers: Map<number, Read | string>
}

/** Registers the schemas of the topics. @throws RegistryUnavailableError @throws IncompatibleSchemaError */
export async function createCodec(
  registry: Registry,
  clock: () => number = Date.now,
  topics: readonly TopicName[] = topicNames
): Promise<Codec> {
  const shapes = new Map<string, Shape>()
  for (const topic of topics) shapes.set(topic, await shapeOf(topic, registry))
  return new AvroCodec(registry, shapes, new ExpiringSet(absentMs, absentLimit, clock))
}

async function shapeOf(topic: keyof TopicValues, registry: Registry): Promise<Shape> {
  const name = catalogue[topic].schema
  const schema = readSchema(name)
  const binary = binaries[name as keyof typeof binaries] as Pick<Shape, 'write' | 'read'>
  const id = await registry.register(subjectOf(topic), schema)
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32BE(id, 1)
  const own = readWith(binary.read)
  return { ...binary, schema, type: parse(schema), header, own, readers: new Map([[id, own]]) }
}

class AvroCodec implements Codec {
  private readonly out = new AvroWriter()
  private readonly writers = new Map<number, AvroSchema>()

  constructor(
    private readonly registry: Registry,
    private readonly shapes: ReadonlyMap<string, Shape>,
    private readonly absent: ExpiringSet
  ) {}

  encode(topic: string, value: unknown): Buffer {
    const shape = this.shape(topic)
    this.out.position = 0
    this.out.raw(shape.header)
    return this.write(topic, shape, value)
  }

  encodeBare(topic: string, value: unknown): Buffer {
    this.out.position = 0
    return this.write(topic, this.shape(topic), value)
  }

  isCurrent(topic: string, bytes: Uint8Array): boolean {
    return this.shape(topic).header.compare(bytes, 0, headerBytes) === 0
  }

  header(topic: string): Buffer {
    return this.shape(topic).header
  }

  decode<V>(topic: string, bytes: Uint8Array): V {
    if (bytes.length < headerBytes)
      throw new UndecodableError(`It has ${bytes.length} bytes, too few for the header of Avro with a schema id.`)
    if (bytes[0] !== 0) throw new UndecodableError(`It begins with the byte ${bytes[0]}, not with 0 as Avro with a schema id does.`)
    const id = ((bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!) >>> 0
    const shape = this.shape(topic)
    const read = shape.readers.get(id) ?? this.readerFor(shape, id)
    if (typeof read === 'string')
      throw new UndecodableError(`It was written with schema ${id}, which can't be read as a value of ${topic}: ${read}`)
    return readOr(topic, read, bytes, headerBytes) as V
  }

  decodeBare<V>(topic: string, bytes: Uint8Array): V {
    return readOr(topic, this.shape(topic).own, bytes, 0) as V
  }

  async resolve(id: number): Promise<void> {
    const schema = await this.registry.schema(id)
    if (schema === undefined) this.absent.add(id)
    else this.writers.set(id, schema)
  }

  private readerFor(shape: Shape, id: number): Read | string {
    const writer = this.writers.get(id)
    if (writer === undefined) {
      if (this.absent.has(id)) throw new UndecodableError(`It names schema ${id}, which the registry does not have.`)
      throw new SchemaPendingError(id)
    }
    const read = readerOrReason(shape, writer)
    shape.readers.set(id, read)
    return read
  }

  private shape(topic: string): Shape {
    const shape = this.shapes.get(topic)
    if (!shape) throw new Error(`The topic ${topic} is not in schemas/catalogue.ts.`)
    return shape
  }

  private write(topic: string, shape: Shape, value: unknown): Buffer {
    try {
      shape.write(this.out, value)
    } catch (error) {
      throw new UnencodableError(`A value for ${topic} can't be encoded: ${misfit(shape.schema, value) ?? (error as Error).message}.`)
    }
    return this.out.copy()
  }
}

function readOr(topic: string, read: Read, bytes: Uint8Array, position: number): unknown {
  try {
    return read(bytes, position)
  } catch (error) {
    throw new UndecodableError(`It is not the Avro of a value of ${topic}: ${(error as Error).message}.`)
  }
}

function readerOrReason(shape: Shape, writer: AvroSchema): Read | string {
  try {
    return readerOf(shape, writer)
  } catch (error) {
    return (error as Error).message
  }
}
