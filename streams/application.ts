import type { Consumer, TaskId, TopicSpec } from './log/log.js'
import type { RunnerOptions } from './runner-options.js'
import { TaskRunner } from './task-runner.js'
import { changelogTopic, type Topology } from './topology.js'

export type ApplicationState = 'created' | 'rebalancing' | 'running' | 'closing' | 'closed' | 'failed'

/** A slice of processing holds the event loop for no longer than this, milliseconds. */
const SLICE_MS = 5
const KEEP_FOR_EVER = -1

/** Changelogs of all stores, as topics. */
export function changelogSpecs(applicationId: string, topology: Topology): TopicSpec[] {
  return [...topology.units.values()].flatMap(unit =>
    [...unit.stores.keys()].map(store => ({
      name: changelogTopic(applicationId, store),
      partitions: unit.partitions,
      cleanup: 'compact' as const,
      retentionMs: KEEP_FOR_EVER
    }))
  )
}

/** One instance of an application: joins its group, runs the tasks it is given, commits them, gives them back. */
export class StreamsApplication {
  state: ApplicationState = 'created'
  readonly #runners = new Map<string, TaskRunner>()
  #consumer: Consumer | undefined
  #wake: (() => void) | undefined
  #woken = false
  #loop: Promise<void> | undefined
  #failure: unknown

  constructor(
    private readonly options: RunnerOptions,
    private readonly onFailure: (error: unknown) => void
  ) {}

  get tasks(): readonly TaskRunner[] {
    return [...this.#runners.values()]
  }

  async start(): Promise<void> {
    const { log, applicationId, topology } = this.options
    await log.ensureTopics(changelogSpecs(applicationId, topology))
    this.state = 'rebalancing'
    let ready: (consumer: Consumer) => void = () => {}
    const joined = new Promise<Consumer>(resolve => {
      ready = resolve
    })
    const consumer = await log.join(applicationId, [...topology.units.values()], {
      assigned: tasks => this.#assigned(tasks, joined),
      revoked: tasks => this.#release(tasks, runner => runner.close()),
      lost: tasks => this.#release(tasks, runner => runner.abandon())
    })
    this.#consumer = consumer
    consumer.onData(this.wake)
    ready(consumer)
    this.#loop = this.#run()
  }

  /** Commits and gives everything back. */
  async close(): Promise<void> {
    if (this.state === 'closed') return
    const failed = this.state === 'failed'
    if (!failed) this.state = 'closing'
    this.wake()
    await this.#loop
    if (failed) await Promise.all(this.tasks.map(runner => runner.abandon()))
    await this.#consumer?.close()
    if (!failed) this.state = 'closed'
  }

  /** Ends at once, as a killed process would: nothing more is committed. For tests. */
  async abandon(): Promise<void> {
    this.state = 'failed'
    this.wake()
    await Promise.all(this.tasks.map(runner => runner.abandon()))
    await this.#loop
  }

  readonly wake = (): void => {
    this.#woken = true
    this.#wake?.()
  }

  async #assigned(tasks: readonly TaskId[], consumer: Promise<Consumer>): Promise<void> {
    const opening = tasks.map(id => {
      const unit = this.options.topology.units.get(id.unit)!
      const runner = new TaskRunner(id, unit, this.options, this.wake, error => this.#fail(error))
      this.#runners.set(runner.name, runner)
      return runner
    })
    // The consumer exists once `join` has resolved, which may be after this call.
    void consumer.then(async joined => {
      await Promise.all(opening.map(runner => runner.start(joined)))
      if (this.state === 'rebalancing') this.state = 'running'
    })
  }

  async #release(tasks: readonly TaskId[], end: (runner: TaskRunner) => Promise<void>): Promise<void> {
    const ending = tasks.map(id => this.#runners.get(`${id.unit}-${id.partition}`)).filter(runner => runner !== undefined)
    await Promise.all(
      ending.map(async runner => {
        await end(runner)
        this.#runners.delete(runner.name)
      })
    )
  }

  async #run(): Promise<void> {
    while (this.state === 'rebalancing' || this.state === 'running') {
      this.#woken = false
      let more = false
      for (const runner of this.#runners.values()) more = runner.run(this.options.now() + SLICE_MS) || more
      if (more) await new Promise(resolve => setImmediate(resolve))
      else if (!this.#woken) await this.#sleep()
    }
  }

  async #sleep(): Promise<void> {
    const waits = this.tasks.map(runner => runner.wakeIn).filter(wait => wait !== undefined)
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, Math.min(100, ...waits))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  #fail(error: unknown): void {
    if (this.state === 'failed' || this.#failure !== undefined) return
    this.#failure = error
    this.state = 'failed'
    this.wake()
    this.onFailure(error)
  }
}
