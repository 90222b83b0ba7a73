/** Where the parts of a local stack answer: `stack.json` in its directory, written by `stack:up`, read by the application and the tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const partNames = ['kafka', 'registry', 'redis', 's3'] as const
export type PartName = (typeof partNames)[number]

export interface Addresses {
  /** `host:port` */
  readonly kafka?: string
  /** The base of Confluent's API. */
  readonly registry?: string
  /** `redis://host:port` */
  readonly redis?: string
  readonly s3?: S3Address
}

export interface S3Address {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface StackFile {
  readonly addresses: Addresses
  /** The same as settings of the application. */
  readonly environment: Readonly<Record<string, string>>
  readonly s3Secret: string
  readonly parts: Partial<Record<PartName, PartRecord>>
}

export interface PartRecord {
  /** By name; kept from one start to the next. */
  readonly ports: Readonly<Record<string, number>>
  /** Absent: it was stopped. */
  readonly process?: ProcessRecord
}

export interface ProcessRecord {
  readonly pid: number
  /** When it started, as the operating system tells it: another process that gets the same id has another. */
  readonly started: string
}

export const stackFile = (directory: string): string => join(directory, 'stack.json')

/** Undefined: there is no stack in this directory. */
export function readStack(directory: string): StackFile | undefined {
  try {
    return JSON.parse(readFileSync(stackFile(directory), 'utf8')) as StackFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${stackFile(directory)} can't be read (${(error as Error).message}): remove it, and stop what still runs by hand.`)
  }
}

/** The settings by which the application finds the stack. */
export function environmentOf({ kafka, registry, redis, s3 }: Addresses): Record<string, string> {
  return {
    ...(kafka && { KAFKA_BOOTSTRAP_SERVERS: kafka }),
    ...(registry && { SCHEMA_REGISTRY_URL: registry }),
    ...(redis && { REDIS_URL: redis }),
    ...(s3 && {
      S3_ENDPOINT: s3.endpoint,
      S3_REGION: s3.region,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey
    })
  }
}

/** Settings with those of the local stack in mode kafka, where there is one; what is set already goes first. */
export function withStack(environment: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  if (environment.SEGUE_MODE !== 'kafka') return environment
  return { ...readStack(environment.SEGUE_STACK_DIR || 'data/stack')?.environment, ...environment }
}
