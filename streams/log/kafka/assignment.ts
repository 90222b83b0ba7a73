/** What the members of a group tell each other: Kafka's own consumer format around a JSON text, so that Kafka's tools can read it. */
import kafkajs from 'kafkajs'
import { assign, assignStandbys, taskName } from '../assignor.js'
import type { AssignmentUnit, TaskId } from '../log.js'

const { AssignerProtocol } = kafkajs

export const PROTOCOL = 'segue-cooperative-sticky'
const VERSION = 1

interface UnitInfo extends AssignmentUnit {
  readonly partitions: number
}

/** What a member says when it joins. */
export interface Subscription {
  readonly units: readonly UnitInfo[]
  readonly owned: readonly TaskId[]
  /** Of these it has a warm copy. */
  readonly standbys: readonly TaskId[]
  /** When it got what it owns: of two that claim a task, the later one has it. */
  readonly generation: number
}

export const encodeSubscription = (subscription: Subscription): Buffer =>
  AssignerProtocol.MemberMetadata.encode({
    version: VERSION,
    topics: [...new Set(subscription.units.flatMap(({ topics }) => topics))].sort(),
    userData: Buffer.from(JSON.stringify(subscription))
  })

const decodeSubscription = (bytes: Buffer): Subscription =>
  JSON.parse(`${AssignerProtocol.MemberMetadata.decode(bytes)!.userData}`) as Subscription

export interface Assignment {
  readonly tasks: readonly TaskId[]
  readonly standbys: readonly TaskId[]
  /**
   * Of these the member lets go, and joins again: others wait for them. Also when it does not have them any more: a member that
   * was started again meanwhile is given the assignment of its earlier life, and the group believes that all is done.
   */
  readonly moving: readonly TaskId[]
}

const encodeAssignment = (units: readonly AssignmentUnit[], { tasks, standbys, moving }: Assignment): Buffer => {
  const assignment: Record<string, number[]> = {}
  for (const { unit, partition } of tasks)
    for (const topic of units.find(({ name }) => name === unit)!.topics) assignment[topic] = [...(assignment[topic] ?? []), partition]
  return AssignerProtocol.MemberAssignment.encode({
    version: VERSION,
    assignment,
    userData: Buffer.from(JSON.stringify({ tasks, standbys, moving }))
  })
}

export const NOTHING: Assignment = { tasks: [], standbys: [], moving: [] }

/** A member that joined while the others agreed gets nothing yet. */
export const decodeAssignment = (bytes: Buffer): Assignment =>
  bytes.length === 0
    ? NOTHING
    : { ...NOTHING, ...(JSON.parse(`${AssignerProtocol.MemberAssignment.decode(bytes)!.userData}`) as Partial<Assignment>) }

/**
 * The leader's decision: sticky and balanced, and in two steps (KIP-429). A task that moves is given to nobody in the round that takes
 * it from its owner, who lets go of it and joins again; only then the new owner gets it. All others go on without a pause.
 */
export function assignAll(
  members: readonly { memberId: string; memberMetadata: Buffer }[],
  replicas: number
): { memberId: string; memberAssignment: Buffer }[] {
  const known = members.map(({ memberId, memberMetadata }) => ({ memberId, ...decodeSubscription(memberMetadata) }))
  const units = new Map<string, UnitInfo>()
  for (const member of [...known].sort((a, b) => (a.memberId < b.memberId ? -1 : 1)))
    for (const unit of member.units) if (!units.has(unit.name)) units.set(unit.name, unit)
  const owners = new Map<string, string>()
  for (const member of [...known].sort((a, b) => a.generation - b.generation))
    for (const task of member.owned) owners.set(taskName(task), member.memberId)
  const tasks = [...units.values()].flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ unit: name, partition }))
  )
  const candidates = known.map(member => ({
    id: member.memberId,
    units: new Set(member.units.filter(unit => sameTopics(unit, units.get(unit.name)!)).map(({ name }) => name))
  }))
  const warm = new Map<string, string[]>()
  for (const member of known)
    for (const task of member.standbys) warm.set(taskName(task), [...(warm.get(taskName(task)) ?? []), member.memberId])
  const target = assign(candidates, tasks, owners, warm)
  const given = new Map([...target].map(([name, id]) => [name, owners.get(name) ?? id]))
  const standbys = assignStandbys(candidates, tasks, given, warm, replicas)
  return known.map(({ memberId }) => {
    const own = tasks.filter(task => {
      const name = taskName(task)
      return target.get(name) === memberId && (owners.get(name) ?? memberId) === memberId
    })
    const moving = tasks.filter(task => owners.get(taskName(task)) === memberId && target.get(taskName(task)) !== memberId)
    const assignment = { tasks: own, standbys: standbys.get(memberId)!, moving }
    return { memberId, memberAssignment: encodeAssignment([...units.values()], assignment) }
  })
}

const sameTopics = (a: AssignmentUnit, b: AssignmentUnit): boolean => [...a.topics].sort().join() === [...b.topics].sort().join()
