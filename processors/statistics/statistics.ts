import { statisticsKey, type TopicValues } from '../../schemas/catalogue.js'
import type { DeviceType, StatisticsDimension } from '../../schemas/events.js'
import {
  type ByteReader,
  type ByteWriter,
  type Context,
  type MergeFold,
  mergeStore,
  type Processor,
  type ProcessorInstance
} from '../../streams/processor.js'
import { type Cleansed, clean } from '../clean/clean.js'
import { readSigned, writeSigned } from '../ranking/packing.js'
import { listeningMs, playSign } from './listening.js'

/** Plays and the milliseconds they were listened to: a sum, and what is added to it. */
export interface Listening {
  plays: number
  ms: number
}

export const listeningFold: MergeFold<Listening, Listening> = {
  version: 1,
  empty: () => ({ plays: 0, ms: 0 }),
  merge(value, operand) {
    value.plays += operand.plays
    value.ms += operand.ms
  },
  writeOperand: writeListening,
  readOperand: readListening,
  write: writeListening,
  read: readListening,
  sizeOf: () => 60
}

function writeListening(value: Listening, out: ByteWriter): void {
  writeSigned(out, value.plays)
  writeSigned(out, value.ms)
}

function readListening(input: ByteReader): Listening {
  return { plays: readSigned(input), ms: readSigned(input) }
}

const stores = { statistics: mergeStore('play-statistics', listeningFold) }
type Ctx = Context<TopicValues, 'play-statistics', typeof stores, never>

const HOUR_MS = 3_600_000
const SEPARATOR = '|'

/** Plays and listening time per UTC hour, UTC day and device type, and in total (semantics.md, section 7), of one partition's listeners. */
export const statistics: Processor<TopicValues, Cleansed, 'play-statistics', typeof stores, never> = {
  name: 'statistics',
  from: [clean],
  to: ['play-statistics'],
  stores,
  create: context => new Statistics(context)
}

/** What one commit adds is added up first: a busy hour is one operand. Days and the total are sums of hours. */
class Statistics implements ProcessorInstance<Cleansed> {
  readonly #hours = new Map<number, Listening>()
  readonly #devices = new Map<DeviceType, Listening>()

  constructor(private readonly context: Ctx) {}

  process(input: Cleansed): void {
    const sign = playSign(input)
    if (sign === 0 || !('event' in input)) return
    const { event } = input
    const ms = sign * listeningMs(event)
    add(this.#hours, Math.floor(event.occurred_at / HOUR_MS), sign, ms)
    add(this.#devices, event.device_type, sign, ms)
  }

  flush(): void {
    const days = new Map<string, Listening>()
    const total = new Map<'total', Listening>()
    for (const [hour, { plays, ms }] of this.#hours) {
      const label = new Date(hour * HOUR_MS).toISOString()
      this.#merge('hour', label.slice(0, 13), { plays, ms })
      add(days, label.slice(0, 10), plays, ms)
      add(total, 'total', plays, ms)
    }
    for (const [day, listening] of days) this.#merge('day', day, listening)
    for (const [device, listening] of this.#devices) this.#merge('device', device, listening)
    for (const [name, listening] of total) this.#merge('total', name, listening)
    this.#hours.clear()
    this.#devices.clear()
  }

  emit(key: string): void {
    const value = this.context.stores.statistics.get(key)
    if (value === undefined) return
    const [dimension, name] = key.split(SEPARATOR) as [StatisticsDimension, string]
    const shard = this.context.task.partition
    const isGone = value.plays === 0 && value.ms === 0
    const record = { dimension, value: name, shard, plays: value.plays, listening_ms: value.ms }
    this.context.send('play-statistics', statisticsKey(dimension, name, shard), isGone ? null : record)
  }

  #merge(dimension: StatisticsDimension, name: string, listening: Listening): void {
    this.context.stores.statistics.merge(dimension + SEPARATOR + name, listening)
  }
}

function add<K>(sums: Map<K, Listening>, key: K, plays: number, ms: number): void {
  const sum = sums.get(key)
  if (sum === undefined) sums.set(key, { plays, ms })
  else {
    sum.plays += plays
    sum.ms += ms
  }
}
