/** A consumer group within this process: who has which task, and the moves between members. */

import { assign, taskName } from '../assignor.js'
import type { AssignmentUnit, GroupListener, TaskId } from '../log.js'
import { LogConfigError, LogError } from '../log.js'
import type { Catalogue } from './catalogue.js'
import { Fetcher } from './consumer.js'
import { Member } from './member.js'
import type { Settings } from './options.js'
import type { Reader } from './reader.js'

/** A member is slower than it may be; later it may be a member again. */
class LateError extends LogError {}

export class Group {
  readonly #members = new Map<string, Member>()
  readonly #units = new Map<string, { topics: string; partitions: number }>()
  #joined = 0
  #stale = false
  #running: Promise<void> | undefined

  constructor(
    readonly name: string,
    readonly catalogue: Catalogue,
    readonly reader: Reader,
    readonly settings: Settings
  ) {}

  get members(): readonly string[] {
    return [...this.#members.keys()]
  }

  /** @throws LogConfigError unknown topics, topics that are not co-partitioned, or a unit that others define otherwise. */
  join(units: readonly AssignmentUnit[], listener: GroupListener): Member {
    if (this.#members.size === 0) this.#units.clear()
    const checked = units.map(unit => ({ name: unit.name, topics: [...unit.topics].sort().join(), partitions: this.#partitionsOf(unit) }))
    for (const { name, topics, partitions } of checked) {
      const known = this.#units.get(name)
      if (known && known.topics !== topics) {
        throw new LogConfigError(
          `Group '${this.name}' already consumes unit '${name}' with the topics ${known.topics}, not ${topics}: run one version of the topology.`
        )
      }
      this.#units.set(name, { topics, partitions })
    }
    const fetcher = new Fetcher(this.reader, this.settings.prefetchBytes)
    const member = new Member(`${this.name}-${++this.#joined}`, units, listener, this.catalogue, fetcher, leaving => this.#leave(leaving))
    this.#members.set(member.memberId, member)
    this.#rebalance()
    return member
  }

  /** Ends every membership without notice. */
  async close(): Promise<void> {
    const members = [...this.#members.values()]
    this.#members.clear()
    await Promise.all(members.map(member => this.#expel(member, new LogError('the log was closed'))))
  }

  async #leave(member: Member): Promise<void> {
    member.leaving = true
    if (!this.#members.has(member.memberId)) return
    await this.#rebalance()
  }

  #rebalance(): Promise<void> {
    this.#stale = true
    this.#running ??= this.#run()
    return this.#running
  }

  /** Moves tasks until the members are as they should be. The new owner gets a task when the former one has let go of it. */
  async #run(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    while (this.#stale) {
      this.#stale = false
      const target = this.#target()
      await Promise.all([...this.#members.values()].map(member => this.#revoke(member, target)))
      for (const member of [...this.#members.values()].filter(({ leaving }) => leaving)) this.#remove(member)
      if (this.#stale) continue
      for (const member of this.#members.values()) this.#assign(member, target)
    }
    this.#running = undefined
  }

  #target(): Map<string, string> {
    const staying = [...this.#members.values()].filter(({ leaving }) => !leaving)
    const current = new Map<string, string>()
    for (const member of staying) for (const name of member.tasks.keys()) current.set(name, member.memberId)
    const candidates = staying.map(({ memberId, units }) => ({ id: memberId, units }))
    return assign(candidates, [...this.#tasks()], current)
  }

  async #revoke(member: Member, target: ReadonlyMap<string, string>): Promise<void> {
    const moving = [...member.tasks].filter(([name]) => target.get(name) !== member.memberId).map(([, task]) => task)
    if (moving.length === 0) return
    const limit = this.settings.rebalanceTimeoutMs
    const done = new AbortController()
    const late = this.settings.clock.sleep(limit, done.signal).then(() => {
      if (!done.signal.aborted) throw new LateError(`it did not let go of its tasks within ${limit} ms`)
    })
    try {
      await Promise.race([member.revoke(moving), late])
    } catch (error) {
      void this.#expel(member, error)
    } finally {
      done.abort('done')
    }
  }

  #assign(member: Member, target: ReadonlyMap<string, string>): void {
    const added = [...this.#tasks()].filter(task => target.get(taskName(task)) === member.memberId && !member.tasks.has(taskName(task)))
    if (added.length > 0) member.assign(added).catch(error => this.#expel(member, error))
  }

  /** The others don't wait for it. */
  async #expel(member: Member, cause: unknown): Promise<void> {
    this.#remove(member)
    if (this.#members.size > 0) void this.#rebalance()
    await member.expel(cause).catch(error => this.settings.onError(error))
    if (!(cause instanceof LateError)) return
    await member.readmit()
    if (member.leaving) return
    this.#members.set(member.memberId, member)
    void this.#rebalance()
  }

  #remove(member: Member): void {
    member.fetcher.removeAll()
    this.#members.delete(member.memberId)
  }

  *#tasks(): Generator<TaskId> {
    for (const [unit, { partitions }] of this.#units) {
      for (let partition = 0; partition < partitions; partition++) yield { unit, partition }
    }
  }

  #partitionsOf(unit: AssignmentUnit): number {
    const [first, ...others] = unit.topics.map(name => this.catalogue.topic(name).spec)
    if (!first) throw new LogConfigError(`Unit '${unit.name}' of group '${this.name}' consumes no topic.`)
    const other = others.find(spec => spec.partitions !== first.partitions)
    if (!other) return first.partitions
    const counts = `'${first.name}' has ${first.partitions} partitions, '${other.name}' has ${other.partitions}`
    throw new LogConfigError(`The topics of unit '${unit.name}' must have the same number of partitions: ${counts}.`)
  }
}
