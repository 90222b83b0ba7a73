/** The thread that encodes: decoding Avro and writing Parquet hold it for long, and nobody waits for it. */
import { parentPort, workerData } from 'node:worker_threads'
import { type SourceTopic, sourceTopics } from '../../schemas/catalogue.js'
import { createCodec } from '../../schemas/codec.js'
import type { Registry } from '../../schemas/registry.js'
import type { AvroSchema } from '../../schemas/sources.js'
import { type EncodedFile, PlanEncoder } from './encode.js'
import type { Coverage } from './file-writer.js'
import { mergeFiles, type Part } from './merge.js'
import { type PackedRecords, unpackRecords } from './packed-records.js'

export type Request =
  | { readonly op: 'schema'; readonly id: number; readonly schema: AvroSchema }
  | { readonly op: 'begin'; readonly topic: SourceTopic; readonly partition: number }
  | { readonly op: 'add'; readonly records: PackedRecords; readonly absent: readonly number[] }
  | { readonly op: 'finish'; readonly covers: Coverage }
  | { readonly op: 'merge'; readonly parts: readonly Part[] }

export type Reply = { readonly value: unknown } | { readonly error: string; readonly name: string }

export interface ThreadData {
  /** Ids of our own schemas, by subject. */
  readonly ids: ReadonlyMap<string, number>
}

const { ids } = workerData as ThreadData
const schemas = new Map<number, AvroSchema>()
const registry: Registry = {
  register: async subject => ids.get(subject)!,
  schema: async id => schemas.get(id)
}
const codec = await createCodec(registry, Date.now, sourceTopics)
let encoder: PlanEncoder | undefined
const absent = new Set<number>()

async function answer(request: Request): Promise<unknown> {
  switch (request.op) {
    case 'schema':
      schemas.set(request.id, request.schema)
      return codec.resolve(request.id)
    case 'begin':
      absent.clear()
      encoder = new PlanEncoder(codec, request.topic, request.partition, absent)
      return undefined
    case 'add':
      for (const id of request.absent) absent.add(id)
      for (const record of unpackRecords(request.records)) encoder!.add(record)
      return undefined
    case 'finish':
      return encoder!.finish(request.covers)
    case 'merge':
      return mergeFiles(request.parts)
  }
}

const buffers = (value: unknown): ArrayBuffer[] =>
  [value]
    .flat()
    .map(file => (file as EncodedFile | undefined)?.bytes?.buffer)
    .filter(buffer => buffer instanceof ArrayBuffer)

parentPort!.on('message', async (request: Request) => {
  try {
    const value = await answer(request)
    parentPort!.postMessage({ value } satisfies Reply, buffers(value))
  } catch (error) {
    const { message, name } = error as Error
    parentPort!.postMessage({ error: message, name } satisfies Reply)
  }
})
