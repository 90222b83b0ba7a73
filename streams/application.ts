import type { Consumer, GroupListener, TaskId, TopicSpec } from './log/log.js'
import type { Processor } from './processor.js'
import { retrying } from './retry.js'
import type { Flow, RunnerOptions, TaskChange } from './runner-options.js'
import { nextTurn, SLICE_MS } from './slices.js'
import { Standbys } from './standbys.js'
import { TaskRunner } from './task-runner.js'
import { changelogTopic, isFirstStage, type Topology, type Unit } from './topology.js'

export type ApplicationState = 'created' | 'rebalancing' | 'running' | 'closing' | 'closed' | 'failed'

/** A task is looked at so often, though nothing seems to have happened. */
const LONGEST_SLEEP_MS = 100
const KEEP_FOR_EVER = -1
/** While the application is held: tasks of the first stage, and the others. */
const stopped: Flow = { takes: false, emits: false }
const draining: Flow = { takes: true, emits: false }

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

const nameOf = ({ unit, partition }: TaskId): string => `${unit}-${partition}`

/** One instance of an application: joins its group, runs the tasks it is given, commits them, gives them back. */
export class StreamsApplication {
  state: ApplicationState = 'created'
  readonly #runners = new Map<string, TaskRunner>()
  readonly #standbys: Standbys
  #consumer: Consumer | undefined
  #starting: Promise<void> | undefined
  #loop: Promise<void> | undefined
  #turn: Promise<void> = Promise.resolve()
  #woken = new AbortController()
  #heldUntil = 0
  readonly #ending = new AbortController()

  constructor(
    private readonly options: RunnerOptions,
    private readonly onFailure: (error: unknown) => void
  ) {
    this.#standbys = new Standbys(options)
  }

  get tasks(): readonly TaskRunner[] {
    return [...this.#runners.values()]
  }

  /** Tasks of which it keeps a warm copy, and how many changelog records each is behind. */
  get standbys(): readonly { id: TaskId; remaining: number }[] {
    return this.#standbys.tasks
  }

  /** Waits for a log that can't be reached yet. @throws LogConfigError */
  start(): Promise<void> {
    this.#starting = this.#start().catch(error => {
      if (!this.#ending.signal.aborted) throw error
    })
    return this.#starting
  }

  async #start(): Promise<void> {
    const { log, applicationId, topology, clock } = this.options
    const notice = (sentence: string) => this.options.onNotice(sentence)
    const retry = { clock, signal: this.#ending.signal, notice }
    await retrying(() => log.ensureTopics(changelogSpecs(applicationId, topology)), retry)
    if (this.state === 'created') this.state = 'rebalancing'
    let ready: (consumer: Consumer) => void = () => {}
    const joined = new Promise<Consumer>(resolve => {
      ready = resolve
    })
    const changes: Pick<GroupListener, TaskChange> = {
      assigned: tasks => this.#assigned(tasks, joined),
      revoked: tasks => this.#release(tasks, runner => runner.close()),
      lost: tasks => this.#release(tasks, runner => runner.abandon())
    }
    const told = (change: TaskChange) => (tasks: readonly TaskId[]) => {
      this.options.onTasks?.(change, tasks.length)
      return this.#inTurn(() => changes[change](tasks))
    }
    const listener: GroupListener = {
      assigned: told('assigned'),
      revoked: told('revoked'),
      lost: told('lost'),
      standbys: tasks => this.#inTurn(() => this.#standbys.set(tasks))
    }
    const consumer = await retrying(() => log.join(applicationId, [...topology.units.values()], listener), retry)
    this.#consumer = consumer
    consumer.onData(this.wake)
    ready(consumer)
    this.#loop = this.#run()
  }

  /**
   * For so long, or until `release`: the tasks of the first stage take no more records and commit what they have, so that the
   * others can come to their input's end. Downstream of changed keys is told later. A hold ends by itself if its caller is gone.
   */
  hold(ms: number): void {
    this.#heldUntil = this.options.clock.now() + ms
    this.wake()
  }

  release(): void {
    this.#heldUntil = 0
    this.wake()
  }

  get held(): boolean {
    return this.options.clock.now() < this.#heldUntil
  }

  /** Commits and gives everything back; after a failure, gives it back without a commit. */
  async close(): Promise<void> {
    if (this.state === 'closed') return
    const failed = this.state === 'failed'
    if (!failed) this.state = 'closing'
    this.#ending.abort()
    this.wake()
    await this.#starting?.catch(() => {})
    await this.#loop
    if (failed) await Promise.all(this.tasks.map(runner => runner.abandon()))
    await this.#consumer?.close()
    await this.#standbys.set([])
    // A member that took too long was expelled: its tasks may still be at it.
    await Promise.all(this.tasks.map(runner => runner.abandon()))
    if (!failed) this.state = 'closed'
  }

  /**
   * Lets a task crash: what it has not committed is gone, with `stateLost` its store too. It comes back as after any other crash:
   * fence, restore, go on from the committed offsets. Resolves when it has; false: this instance has no such task.
   */
  async crash(id: TaskId, stateLost: boolean): Promise<boolean> {
    const consumer = this.#consumer
    const started = await this.#inTurn(async () => {
      const runner = this.#runners.get(nameOf(id))
      if (runner === undefined || consumer === undefined || this.state !== 'running') return undefined
      await runner.abandon()
      if (stateLost) await this.options.wipeStore(id)
      // Others may be assigned or revoked while it restores.
      return { restored: this.#create(id).start(consumer) }
    })
    await started?.restored
    return started !== undefined
  }

  /** With a reason, or each call would make an error. */
  readonly wake = (): void => this.#woken.abort('woken')

  /** What the group says, one after the other: a task that is lost while it is assigned must not stay. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.then(
      () => {},
      () => {}
    )
    return result
  }

  async #assigned(tasks: readonly TaskId[], consumer: Promise<Consumer>): Promise<void> {
    await this.#standbys.release(tasks)
    const opening = tasks.map(id => this.#create(id))
    // The consumer exists once `join` has resolved, which may be after this call.
    void consumer.then(async joined => {
      await Promise.all(opening.map(runner => runner.start(joined)))
      if (this.state === 'rebalancing') this.state = 'running'
    })
  }

  #create(id: TaskId): TaskRunner {
    const unit = this.options.topology.units.get(id.unit)!
    const fed = () => this.#isFed(unit)
    const runner = new TaskRunner(id, unit, this.options, this.wake, error => this.#fail(error), fed)
    this.#runners.set(runner.name, runner)
    return runner
  }

  async #release(tasks: readonly TaskId[], end: (runner: TaskRunner) => Promise<void>): Promise<void> {
    const ending = tasks.map(id => this.#runners.get(nameOf(id))).filter(runner => runner !== undefined)
    await Promise.all(
      ending.map(async runner => {
        await end(runner)
        this.#runners.delete(runner.name)
      })
    )
  }

  /** Whether tasks of this instance that write what the unit reads have something in work. */
  #isFed({ topics }: Unit): boolean {
    const feeds = ({ to }: Processor) => to.some(topic => topics.includes(topic))
    return this.tasks.some(({ working, unit }) => working && unit.processors.some(feeds))
  }

  async #run(): Promise<void> {
    while (this.state === 'rebalancing' || this.state === 'running') {
      this.#woken = new AbortController()
      let more = false
      for (const runner of this.tasks) {
        const started = this.options.clock.now()
        more = runner.run(started + SLICE_MS, this.#flowOf(runner)) || more
        // After a whole slice others have their turn.
        if (this.options.clock.now() > started + 1) await nextTurn()
      }
      if (more) await nextTurn()
      else await this.#sleep()
    }
  }

  #flowOf({ unit }: TaskRunner): Flow | undefined {
    if (!this.held) return undefined
    return isFirstStage(this.options.topology, unit) ? stopped : draining
  }

  /** Until it is woken, or a task wants to run though nothing arrives. */
  #sleep(): Promise<void> {
    const waits = this.tasks.map(runner => runner.wakeIn).filter(wait => wait !== undefined)
    return this.options.clock.sleep(Math.min(LONGEST_SLEEP_MS, ...waits), this.#woken.signal)
  }

  #fail(error: unknown): void {
    if (this.state === 'failed') return
    this.state = 'failed'
    this.wake()
    this.onFailure(error)
  }
}
