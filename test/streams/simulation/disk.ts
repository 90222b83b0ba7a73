import { StoreCorruptedError, StoreFullError, type StoreWrite, type TaskStore } from '../../../state/store.js'
import type { Clock } from '../../../streams/clock.js'
import type { TaskId } from '../../../streams/log/log.js'
import { MapStore } from '../map-store.js'
import type { Process } from './process.js'
import type { Chance } from './random.js'

/** So many former states of a store are remembered. */
const HISTORY = 60

/** The stores of one host. What a crash leaves of them is any state they once had, or something unreadable. */
export class Disk {
  wipes = 0
  #crashed = new Set<string>()
  readonly #states = new Map<string, MapStore[]>()

  constructor(
    private readonly clock: Clock,
    private readonly chance: Chance
  ) {}

  /** The process that had the stores open was killed. */
  crash(): void {
    this.#crashed = new Set(this.#states.keys())
  }

  latest(task: TaskId): MapStore {
    return this.#of(task).at(-1)!
  }

  /** @throws StoreCorruptedError */
  async open(task: TaskId, process: Process): Promise<TaskStore> {
    const states = this.#of(task)
    if (this.#crashed.delete(nameOf(task))) {
      if (this.chance.fault(0.05)) throw new StoreCorruptedError('its last write is torn.')
      const lost = this.chance.fault(0.3) ? this.chance.below(this.chance.happens(0.3) ? states.length : Math.min(4, states.length)) : 0
      states.length -= lost
    }
    const store = states.at(-1)!.copy()
    const write = store.write.bind(store)
    const clear = store.clear.bind(store)
    const changed = async (change: () => Promise<void>, durable = false): Promise<void> => {
      const ms = this.chance.latency()
      if (ms > 0) await this.clock.sleep(ms)
      if (!process.alive) return
      if (this.chance.fault(0.01)) throw new StoreFullError('no space left on device.')
      await change()
      if (durable) states.length = 0
      states.push(store.copy())
      if (states.length > HISTORY) states.shift()
    }
    store.write = (batch: readonly StoreWrite[]) => process.call(() => changed(() => write(batch)))
    store.clear = (space: string) => {
      this.wipes++
      return process.call(() => changed(() => clear(space), true))
    }
    return store
  }

  async wipe(task: TaskId): Promise<void> {
    this.wipes++
    this.#states.set(nameOf(task), [new MapStore()])
  }

  #of(task: TaskId): MapStore[] {
    const states = this.#states.get(nameOf(task)) ?? [new MapStore()]
    this.#states.set(nameOf(task), states)
    return states
  }
}

const nameOf = ({ unit, partition }: TaskId) => `${unit}-${partition}`
