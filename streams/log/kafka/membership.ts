import { setTimeout as sleep } from 'node:timers/promises'
import { taskName } from '../assignor.js'
import type { AssignmentUnit, GroupListener, TaskId } from '../log.js'
import { LogConfigError, type LogError, RetriableLogError } from '../log.js'
import { type Assignment, assignAll, decodeAssignment, encodeSubscription, NOTHING, PROTOCOL } from './assignment.js'
import type { Connection } from './connection.js'
import { toLogError, typeOf } from './errors.js'
import type { MemberIdentity } from './group-offsets.js'
import { heartbeat, joinGroup, leaveGroup, syncGroup } from './group-protocol.js'

/** Others wait so long for a member that commits what it must give away. */
const REBALANCE_MS = 60_000
const BACK_OFF_MS = 200
const NO_GENERATION = -1

export interface MemberUnit extends AssignmentUnit {
  readonly partitions: number
}

/**
 * The membership in a group: joins, keeps alive, follows the assignments. Tasks that stay are not touched by a rebalance: they go on
 * while the members agree. That is safe because a task's transactional id fences whoever had it before, whatever a member believes.
 */
export class Membership {
  memberId = ''
  failure: LogError | undefined
  /** How often it was lost. */
  term = 0
  readonly #tasks = new Map<string, TaskId>()
  #standbys: readonly TaskId[] = []
  #generation = NO_GENERATION
  /** The one that the broker knows: it comes before what it decides. */
  #joined = NO_GENERATION
  /** Calls of the listener, one at a time. */
  #turn: Promise<void> = Promise.resolve()
  #closing = false
  #wakeUp: (() => void) | undefined

  /** @param connection waits in the broker: of this membership alone. @param leaving for the last request */
  constructor(
    readonly group: string,
    private readonly units: readonly MemberUnit[],
    private readonly listener: GroupListener,
    private readonly connection: Connection,
    private readonly leaving: Connection
  ) {}

  /** Resolves when it has joined for the first time; the listener is called afterwards. @throws LogError it can't join */
  async start(): Promise<void> {
    let first: Assignment | undefined
    while (first === undefined) first = await this.#join()
    if (this.failure !== undefined) throw this.failure
    const assigned = first
    setImmediate(() => void this.#run(assigned))
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#wakeUp?.()
    await this.#inTurn(async () => {
      const tasks = [...this.#tasks.values()]
      if (tasks.length > 0) await this.listener.revoked(tasks)
      this.#tasks.clear()
    })
    if (this.memberId !== '') {
      const leave = async () => leaveGroup(this.leaving, await this.leaving.coordinator('group', this.group), this.#member)
      // Where that fails the session's time-out ends the membership.
      await leave().catch(() => this.leaving.forget())
    }
    await this.connection.close()
  }

  async #run(first: Assignment): Promise<void> {
    let assignment: Assignment | undefined = first
    while (!this.#closing && this.failure === undefined) {
      if (assignment === undefined) {
        assignment = await this.#join()
        continue
      }
      const following = this.#follow(assignment)
      const rejoin = await this.#keepAlive(following)
      assignment = undefined
      if (!rejoin) return
    }
  }

  /** One attempt. Undefined: try again. */
  async #join(): Promise<Assignment | undefined> {
    const { connection, group } = this
    try {
      const coordinator = await connection.coordinator('group', group)
      const timeouts = { sessionTimeout: connection.settings.sessionTimeoutMs, rebalanceTimeout: REBALANCE_MS }
      const joined = await joinGroup(connection, coordinator, this.#member, PROTOCOL, this.#subscription(), timeouts)
      this.memberId = joined.memberId
      this.#joined = joined.generationId
      const leads = joined.leaderId === joined.memberId
      const decision = leads ? assignAll(joined.members, connection.settings.standbyReplicas) : []
      const assignment = await syncGroup(connection, coordinator, this.#member, joined.generationId, decision)
      this.#generation = joined.generationId
      return decodeAssignment(assignment)
    } catch (error) {
      await this.#react(error)
      return this.failure === undefined ? undefined : NOTHING
    }
  }

  /** Lets go of what went elsewhere, then takes what is new. Resolves to whether others wait until it has joined again. */
  async #follow({ tasks, standbys, moving }: Assignment): Promise<boolean> {
    let released = moving.length > 0
    await this.#inTurn(async () => {
      const target = new Set(tasks.map(taskName))
      const revoked = [...this.#tasks.values()].filter(task => !target.has(taskName(task)))
      if (revoked.length > 0) {
        await this.listener.revoked(revoked)
        for (const task of revoked) this.#tasks.delete(taskName(task))
        released = true
      }
      const added = tasks.filter(task => !this.#tasks.has(taskName(task)))
      if (this.#closing) return
      for (const task of added) this.#tasks.set(taskName(task), task)
      if (added.length > 0) await this.listener.assigned(added)
      this.#standbys = standbys
      await this.listener.standbys?.(standbys)
    })
    return released
  }

  /** Until it is time to join again. False: it is closing. */
  async #keepAlive(following: Promise<boolean>): Promise<boolean> {
    let rejoin = false
    const followed = following.then(
      released => {
        rejoin ||= released
        this.#wakeUp?.()
      },
      error => this.#fail(error)
    )
    while (!this.#closing && !rejoin && this.failure === undefined) {
      await this.#wait(this.connection.settings.heartbeatMs)
      if (rejoin || this.#closing) break
      try {
        await heartbeat(this.connection, await this.connection.coordinator('group', this.group), this.#member, this.#generation)
      } catch (error) {
        rejoin = await this.#react(error)
      }
    }
    await followed
    return !this.#closing && this.failure === undefined
  }

  /** True: join again. */
  async #react(error: unknown): Promise<boolean> {
    if (this.#closing) return false
    const type = typeOf(error)
    if (type === 'REBALANCE_IN_PROGRESS') return true
    if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION') {
      if (type === 'UNKNOWN_MEMBER_ID') this.memberId = ''
      await this.#lose()
      return true
    }
    const failure = toLogError(error, `take part in group ${this.group}`)
    if (failure instanceof RetriableLogError) {
      this.connection.forget()
      await this.#wait(BACK_OFF_MS)
      return false
    }
    await this.#fail(
      type === 'FENCED_INSTANCE_ID' ? new LogConfigError(`Another process takes part in group ${this.group} as this instance.`) : failure
    )
    return false
  }

  async #fail(error: unknown): Promise<void> {
    this.failure ??= toLogError(error, `take part in group ${this.group}`)
    await this.#lose()
  }

  #lose(): Promise<void> {
    this.term++
    this.#generation = NO_GENERATION
    this.#joined = NO_GENERATION
    return this.#inTurn(async () => {
      const tasks = [...this.#tasks.values()]
      this.#tasks.clear()
      if (tasks.length > 0) await this.listener.lost(tasks)
    })
  }

  /** In whose name offsets are committed (KIP-447). */
  get identity(): MemberIdentity | undefined {
    const { groupInstanceId: instanceId, memberId } = this.#member
    return this.#joined === NO_GENERATION ? undefined : { generation: this.#joined, memberId, instanceId }
  }

  get #member() {
    return { groupId: this.group, memberId: this.memberId, groupInstanceId: this.connection.settings.instanceId ?? null }
  }

  #subscription(): Buffer {
    return encodeSubscription({
      units: this.units,
      owned: [...this.#tasks.values()],
      standbys: this.#standbys,
      generation: this.#generation
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  async #wait(ms: number): Promise<void> {
    const stop = new AbortController()
    this.#wakeUp = () => stop.abort()
    await sleep(ms, undefined, { signal: stop.signal }).catch(() => {})
    this.#wakeUp = undefined
  }
}

/** @throws LogConfigError unknown topics, or topics that are not co-partitioned. */
export async function checkedUnits(connection: Connection, group: string, units: readonly AssignmentUnit[]): Promise<MemberUnit[]> {
  return Promise.all(
    units.map(async ({ name, topics }) => {
      const counts = await Promise.all(
        topics.map(topic => connection.retrying(`find the topic ${topic}`, () => connection.partitions(topic)))
      )
      const [first] = counts
      if (first === undefined) throw new LogConfigError(`Unit '${name}' of group '${group}' consumes no topic.`)
      const other = counts.findIndex(count => count !== first)
      if (other === -1) return { name, topics: [...topics], partitions: first }
      throw new LogConfigError(
        `The topics of unit '${name}' must have the same number of partitions: '${topics[0]}' has ${first} partitions, '${topics[other]}' has ${counts[other]}.`
      )
    })
  )
}
