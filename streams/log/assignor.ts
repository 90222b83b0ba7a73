import type { TaskId } from './log.js'

export interface Candidate {
  readonly id: string
  /** Names of the units it consumes. */
  readonly units: ReadonlySet<string>
}

export const taskName = (task: TaskId): string => `${task.unit}/${task.partition}`

/**
 * Gives each task to a member that consumes its unit: sticky (a task stays where it is unless balance asks for a move) and
 * balanced (members that could exchange tasks differ by one at most, over all and, where it costs no move, per unit).
 * @param warm who has a copy of a task's state: preferred for a task that is free
 * @returns the member of each task, by the task's name; tasks that nobody consumes are left out.
 */
export function assign(
  members: readonly Candidate[],
  tasks: readonly TaskId[],
  current: ReadonlyMap<string, string>,
  warm: ReadonlyMap<string, readonly string[]> = new Map()
): Map<string, string> {
  const owners = new Map<string, string>()
  const held = new Map(members.map(member => [member.id, [] as TaskId[]]))
  const byId = new Map(members.map(member => [member.id, member]))
  const load = (id: string): number => held.get(id)!.length
  const loadOfUnit = (id: string, unit: string): number => held.get(id)!.filter(task => task.unit === unit).length
  const give = (task: TaskId, id: string): void => {
    owners.set(taskName(task), id)
    held.get(id)!.push(task)
  }
  const lightest = (task: TaskId, among?: readonly string[]): Candidate | undefined =>
    members
      .filter(member => member.units.has(task.unit) && (among === undefined || among.includes(member.id)))
      .sort((a, b) => load(a.id) - load(b.id) || loadOfUnit(a.id, task.unit) - loadOfUnit(b.id, task.unit) || (a.id < b.id ? -1 : 1))[0]

  const free: TaskId[] = []
  for (const task of tasks) {
    const owner = byId.get(current.get(taskName(task)) ?? '')
    if (owner?.units.has(task.unit)) give(task, owner.id)
    else free.push(task)
  }
  for (const task of free) {
    const member = lightest(task, warm.get(taskName(task))) ?? lightest(task)
    if (member) give(task, member.id)
  }
  for (;;) {
    const move = bestMove()
    if (!move) return owners
    const tasksOfFrom = held.get(move.from)!
    tasksOfFrom.splice(tasksOfFrom.indexOf(move.task), 1)
    give(move.task, move.to)
  }

  /** From the heaviest member to one that has at least two tasks fewer; the unit it has most of goes first. */
  function bestMove(): { task: TaskId; from: string; to: string } | undefined {
    const heaviestFirst = [...held.keys()].sort((a, b) => load(b) - load(a))
    for (const from of heaviestFirst) {
      const candidates = [...held.get(from)!].sort(
        (a, b) => loadOfUnit(from, b.unit) - loadOfUnit(from, a.unit) || b.partition - a.partition
      )
      for (const task of candidates) {
        const to = lightest(task)
        if (to && load(from) - load(to.id) > 1) return { task, from, to: to.id }
      }
    }
    return undefined
  }
}

/**
 * Who keeps warm copies: for each task so many members as are wanted, other than its own; those that have one already come first, then
 * those with the fewest.
 * @param owners the member of each task, by the task's name
 * @returns the copies of each member
 */
export function assignStandbys(
  members: readonly Candidate[],
  tasks: readonly TaskId[],
  owners: ReadonlyMap<string, string>,
  warm: ReadonlyMap<string, readonly string[]>,
  replicas: number
): Map<string, TaskId[]> {
  const held = new Map(members.map(member => [member.id, [] as TaskId[]]))
  for (const task of tasks) {
    const name = taskName(task)
    const has = (id: string): number => (warm.get(name)?.includes(id) ? 0 : 1)
    const chosen = members
      .filter(({ id, units }) => units.has(task.unit) && owners.get(name) !== id)
      .sort((a, b) => has(a.id) - has(b.id) || held.get(a.id)!.length - held.get(b.id)!.length || (a.id < b.id ? -1 : 1))
      .slice(0, replicas)
    for (const { id } of chosen) held.get(id)!.push(task)
  }
  return held
}
