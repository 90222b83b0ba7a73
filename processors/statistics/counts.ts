import { countsKey, type TopicValues } from '../../schemas/catalogue.js'
import type { PipelineCounts, Repair } from '../../schemas/events.js'
import {
  type Context,
  keyValueStore,
  type Processor,
  type ProcessorInstance,
  type Serde,
  type TopicRecord
} from '../../streams/processor.js'
import { type Cleansed, clean } from '../clean/clean.js'
import { type SessionsChanged, sessions } from '../sessions/sessions.js'

type Input = Cleansed | SessionsChanged | TopicRecord<TopicValues, 'repairs'>

// Written once per commit: readable is worth more than small.
const countsSerde: Serde<PipelineCounts> = {
  encode: counts => Buffer.from(JSON.stringify(counts)),
  decode: bytes => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as PipelineCounts
}

const stores = { counts: keyValueStore('pipeline-counts', countsSerde) }
type Ctx = Context<TopicValues, 'pipeline-counts', typeof stores, never>

/** What became of this task's records, and how many sessions its listeners had, ever. */
export const counts: Processor<TopicValues, Input, 'pipeline-counts', typeof stores, never> = {
  name: 'counts',
  from: [clean, sessions, 'repairs'],
  to: ['pipeline-counts'],
  stores,
  create: context => new Counts(context)
}

class Counts implements ProcessorInstance<Input> {
  #changes: PipelineCounts | undefined

  constructor(private readonly context: Ctx) {}

  process(input: Input): void {
    this.#changes ??= none(this.context.task.partition)
    const { accepted, rejected } = this.#changes
    if ('topic' in input) {
      for (const correction of input.value.counts) correct(this.#changes, correction)
      return
    }
    switch (input.action) {
      case 'count':
        add(accepted, input.event.type, 1)
        break
      case 'retract':
        add(accepted, input.event.type, -1)
        break
      case 'reject':
        add(rejected, input.code, 1)
        break
      case 'duplicate':
        this.#changes.duplicates++
        break
      case 'sessions':
        this.#changes.sessions += input.change
    }
  }

  flush(): void {
    const changes = this.#changes
    if (changes === undefined) return
    this.#changes = undefined
    const key = countsKey(changes.shard)
    const before = this.context.stores.counts.get(key) ?? none(changes.shard)
    const after = {
      shard: changes.shard,
      accepted: sum(before.accepted, changes.accepted),
      rejected: sum(before.rejected, changes.rejected),
      duplicates: before.duplicates + changes.duplicates,
      sessions: before.sessions + changes.sessions
    }
    this.context.stores.counts.put(key, after)
    this.context.send('pipeline-counts', key, after)
  }
}

const none = (shard: number): PipelineCounts => ({ shard, accepted: {}, rejected: {}, duplicates: 0, sessions: 0 })

function add(counters: Record<string, number>, name: string, change: number): void {
  counters[name] = (counters[name] ?? 0) + change
}

function correct(changes: PipelineCounts, { kind, name, change }: Repair['counts'][number]): void {
  if (kind === 'duplicates' || kind === 'sessions') changes[kind] += change
  else if (kind === 'accepted' || kind === 'rejected') add(changes[kind], name, change)
}

/** Counters that are 0 are left out. */
function sum(before: Record<string, number>, changes: Record<string, number>): Record<string, number> {
  const result = { ...before }
  for (const [name, change] of Object.entries(changes)) {
    add(result, name, change)
    if (result[name] === 0) delete result[name]
  }
  return result
}
