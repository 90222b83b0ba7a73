import fc from 'fast-check'
import t from 'tap'
import { assign, assignStandbys, type Candidate, taskName } from '../../streams/log/assignor.js'
import type { TaskId } from '../../streams/log/log.js'

const UNITS = ['x', 'y', 'z']
const tasksOf = (counts: readonly number[]): TaskId[] =>
  counts.flatMap((count, i) => Array.from({ length: count }, (_, partition) => ({ unit: UNITS[i]!, partition })))
const loads = (owners: ReadonlyMap<string, string>, members: readonly Candidate[]): number[] =>
  members.map(({ id }) => [...owners.values()].filter(owner => owner === id).length)
const counts = fc.array(fc.nat(6), { minLength: 3, maxLength: 3 })
const everything: Candidate[] = ['a', 'b', 'c', 'd', 'e'].map(id => ({ id, units: new Set(UNITS) }))

t.test('equal members: each task once, loads differ by one at most, moves are as few as can be', async () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (sizes, before, after) => {
      const tasks = tasksOf(sizes)
      const old = assign(everything.slice(0, before), tasks, new Map())
      const now = assign(everything.slice(0, after), tasks, old)
      const sorted = loads(now, everything.slice(0, after)).sort((a, b) => a - b)
      if (now.size !== tasks.length || sorted.at(-1)! - sorted[0]! > 1) throw new Error(`unbalanced: ${sorted}`)
      const moved = tasks.filter(task => old.get(taskName(task)) !== now.get(taskName(task))).length
      const fewest = everything.reduce((sum, { id }, i) => {
        const had = [...old.values()].filter(owner => owner === id).length
        return sum + (i < after ? Math.max(0, had - Math.ceil(tasks.length / after)) : had)
      }, 0)
      if (moved > fewest + after) throw new Error(`${moved} moved, ${fewest} had to`)
      if (before === after && moved > 0) throw new Error('moved without need')
    })
  )
})

t.test('members of different units get only what they consume', async () => {
  const subsets = fc.array(fc.subarray(UNITS), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(counts, subsets, subsets, (sizes, one, two) => {
      const tasks = tasksOf(sizes)
      const membersOf = (units: readonly string[][]): Candidate[] => units.map((names, i) => ({ id: `m${i}`, units: new Set(names) }))
      const now = assign(membersOf(two), tasks, assign(membersOf(one), tasks, new Map()))
      for (const task of tasks) {
        const owner = now.get(taskName(task))
        const able = membersOf(two).filter(({ units }) => units.has(task.unit))
        if (able.length > 0 ? !able.some(({ id }) => id === owner) : owner !== undefined)
          throw new Error(`${taskName(task)} went to ${owner}`)
      }
    })
  )
})

t.test('a unit is spread over the members where that costs no balance', async t => {
  const owners = assign(everything.slice(0, 3), tasksOf([3, 3, 3]), new Map())
  for (const { id } of everything.slice(0, 3)) {
    const units = [...owners].filter(([, owner]) => owner === id).map(([name]) => name[0])
    t.strictSame(units.sort(), UNITS, id)
  }
})

t.test('warm copies are kept by others than the owner, where they are, so many as are wanted or possible', async t => {
  const tasks = Array.from({ length: 6 }, (_, partition) => ({ unit: 'u', partition }))
  const members = ['a', 'b', 'c'].map(id => ({ id, units: new Set(['u']) }))
  const owners = assign(members, tasks, new Map())
  const first = assignStandbys(members, tasks, owners, new Map(), 1)
  t.same(
    [...first.values()].map(copies => copies.length),
    [2, 2, 2]
  )
  for (const [id, copies] of first) for (const task of copies) t.not(owners.get(taskName(task)), id)
  const warm = new Map([...first].flatMap(([id, copies]) => copies.map(task => [taskName(task), [id]] as const)))
  t.same(assignStandbys(members, tasks, owners, warm, 1), first, 'they stay')
  t.same(
    [...assignStandbys(members, tasks, owners, warm, 5).values()].map(copies => copies.length),
    [4, 4, 4]
  )
  const left = members.filter(({ id }) => id !== 'a')
  const next = assign(left, tasks, new Map([...owners].filter(([, id]) => id !== 'a')), warm)
  for (const task of tasks)
    if (owners.get(taskName(task)) === 'a') t.equal(next.get(taskName(task)), warm.get(taskName(task))![0], 'who has a copy takes over')
})
