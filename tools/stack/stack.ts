/**
 * Apache Kafka, a schema registry, Redis and an S3 server as plain processes on 127.0.0.1, from package registries.
 * Everything is in one directory: data, logs, and `stack.json` with addresses and process ids.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { lockDirectory } from '../../state/lock.js'
import {
  type Addresses,
  environmentOf,
  type PartName,
  type PartRecord,
  partNames,
  readStack,
  type StackFile,
  stackFile
} from './addresses.js'
import type { Say } from './packages.js'
import { MAIN, type Part } from './part.js'
import { kafka } from './parts/kafka.js'
import { redis } from './parts/redis.js'
import { API_PATH, registry } from './parts/registry.js'
import { S3_KEY, S3_REGION, s3 } from './parts/s3.js'
import { HOST } from './ports.js'
import { isAlive, signal } from './processes.js'
import { ServicePart } from './service.js'

export interface StackOptions {
  /** Default: all. */
  readonly parts?: readonly PartName[]
  readonly dir: string
  /** `usual` (9092, 8081, 6379, 8333; another where one is in use), `free`, or given ones. A part keeps the port it once had. */
  readonly ports?: 'usual' | 'free' | Partial<Record<PartName, number>>
  /** Lines for a part's configuration: Kafka properties, Java or weed flags, redis-server arguments. */
  readonly settings?: Partial<Record<PartName, readonly string[]>>
  /** Ends with this process, even where `stop` is not called: for tests. */
  readonly bound?: boolean
  readonly say?: Say
}

export interface Stack {
  readonly addresses: Addresses
  /** The addresses as settings of the application. */
  readonly environment: Readonly<Record<string, string>>
  pid(part: PartName): number
  /** Starts a part that was killed or stopped, on the same port with the same data; resolves when it is healthy. */
  start(part: PartName): Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill(part: PartName): Promise<void>
  /** Ends a part in order, or (`kill`) not, and starts it. */
  restart(part: PartName, how?: 'stop' | 'kill'): Promise<void>
  /** Ends all parts in order. */
  stop(): Promise<void>
}

export const parts: Readonly<Record<PartName, Part>> = { kafka, registry, redis, s3 }

/** Starts what does not run yet, and resolves when all of it is healthy. @throws StackError @throws StoreLockedError */
export async function startStack(options: StackOptions): Promise<Stack> {
  const directory = resolve(options.dir)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const state = new StackState(directory)
  const names = options.parts ?? partNames
  const services = new Map(names.map(name => [name, new ServicePart(parts[name], directory, state, options)]))
  const bound = () => {
    for (const name of names) {
      const running = state.record(name)?.process
      if (running) signal(running, 'SIGKILL')
    }
  }
  if (options.bound) process.once('exit', bound)
  const lock = await lockDirectory(directory, 'starting the stack')
  try {
    state.begin()
    const started = await Promise.allSettled([...services.values()].map(service => service.start()))
    const failure = started.find(result => result.status === 'rejected')
    if (failure) throw failure.reason
  } catch (error) {
    if (options.bound) bound()
    process.off('exit', bound)
    throw error
  } finally {
    await lock.release()
  }
  const of = (name: PartName): ServicePart => {
    const service = services.get(name)
    if (service === undefined) throw new Error(`The part ${name} does not belong to this stack.`)
    return service
  }
  return {
    get addresses() {
      return state.file.addresses
    },
    get environment() {
      return state.file.environment
    },
    pid: name => state.record(name)?.process?.pid ?? Number.NaN,
    start: name => of(name).start(),
    kill: name => of(name).kill(),
    restart: async (name, how = 'stop') => {
      await (how === 'kill' ? of(name).kill() : of(name).end())
      await of(name).start()
    },
    stop: async () => {
      await Promise.all([...services.values()].map(service => service.end()))
      process.off('exit', bound)
    }
  }
}

/** Ends parts, whoever started them. Resolves to those that ran. */
export async function stopStack(dir: string, names: readonly PartName[] = partNames): Promise<PartName[]> {
  const directory = resolve(dir)
  if (!existsSync(stackFile(directory))) return []
  const lock = await lockDirectory(directory, 'stopping the stack')
  try {
    const state = new StackState(directory)
    const running = names.filter(name => state.isRunning(name))
    await Promise.all(names.map(name => new ServicePart(parts[name], directory, state, { dir }).end()))
    return running
  } finally {
    await lock.release()
  }
}

export interface PartStatus {
  readonly part: Part
  readonly state: 'healthy' | 'not answering' | 'stopped' | 'never started'
  readonly pid?: number
  readonly port?: number
}

export async function stackStatus(dir: string): Promise<PartStatus[]> {
  const state = new StackState(resolve(dir))
  return Promise.all(
    partNames.map(async (name): Promise<PartStatus> => {
      const part = parts[name]
      const record = state.record(name)
      if (record === undefined) return { part, state: 'never started' }
      const port = record.ports[MAIN]!
      if (!state.isRunning(name)) return { part, state: 'stopped', port }
      const healthy = await part.isHealthy({ ports: record.ports }).catch(() => false)
      return { part, state: healthy ? 'healthy' : 'not answering', pid: record.process!.pid, port }
    })
  )
}

/** `stack.json`: read at each look, as another process may have started a part anew; written whole. */
export class StackState {
  constructor(private readonly directory: string) {}

  get file(): StackFile {
    return readStack(this.directory) ?? { addresses: {}, environment: {}, s3Secret: '', parts: {} }
  }

  record(name: PartName): PartRecord | undefined {
    return this.file.parts[name]
  }

  isRunning(name: PartName): boolean {
    const record = this.record(name)?.process
    return record !== undefined && isAlive(record)
  }

  set(name: PartName, record: PartRecord): void {
    const { parts, s3Secret } = this.file
    this.write({ ...parts, [name]: record }, s3Secret)
  }

  /** Makes the file where there is none. */
  begin(): void {
    if (readStack(this.directory) === undefined) this.write({}, randomBytes(24).toString('hex'))
  }

  private write(parts: StackFile['parts'], s3Secret: string): void {
    const addresses = addressesOf(parts, s3Secret)
    const file: StackFile = { addresses, environment: environmentOf(addresses), s3Secret, parts }
    const temporary = `${stackFile(this.directory)}.tmp`
    writeFileSync(temporary, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 })
    renameSync(temporary, stackFile(this.directory))
  }
}

function addressesOf(records: StackFile['parts'], secretAccessKey: string): Addresses {
  const at = (name: PartName) => records[name] && `${HOST}:${records[name].ports[MAIN]}`
  const [broker, schemas, view, objects] = [at('kafka'), at('registry'), at('redis'), at('s3')]
  return {
    ...(broker && { kafka: broker }),
    ...(schemas && { registry: `http://${schemas}${API_PATH}` }),
    ...(view && { redis: `redis://${view}` }),
    ...(objects && { s3: { endpoint: `http://${objects}`, region: S3_REGION, accessKeyId: S3_KEY, secretAccessKey } })
  }
}
