import t from 'tap'
import { taskName } from '../../streams/log/assignor.js'
import { assignAll, decodeAssignment, encodeSubscription } from '../../streams/log/kafka/assignment.js'
import type { TaskId } from '../../streams/log/log.js'

const units = [{ name: 'x', topics: ['in'], partitions: 4 }]
const tasks: TaskId[] = [0, 1, 2, 3].map(partition => ({ unit: 'x', partition }))
const member = (memberId: string, owned: readonly TaskId[], generation: number) => ({
  memberId,
  memberMetadata: encodeSubscription({ units, owned, standbys: [], generation })
})
const decided = (...members: ReturnType<typeof member>[]) =>
  new Map(assignAll(members, 0).map(({ memberId, memberAssignment }) => [memberId, decodeAssignment(memberAssignment)]))

t.test('who must let go of tasks is told which, so that it joins again also when it was started anew meanwhile', async t => {
  const first = decided(member('a', tasks, 1), member('b', [], -1))
  const { tasks: kept, moving } = first.get('a')!
  t.same([kept.length, moving.length], [2, 2])
  t.same([...kept, ...moving].map(taskName).sort(), tasks.map(taskName))
  t.same(first.get('b'), { tasks: [], standbys: [], moving: [] }, 'the other waits')

  const second = decided(member('a', kept, 2), member('b', [], 2))
  t.same(second.get('a'), { tasks: kept, standbys: [], moving: [] })
  t.same(second.get('b')!.tasks.map(taskName).sort(), moving.map(taskName).sort())
})

t.test('a member that joined while the others agreed has nothing', async t => {
  t.same(decodeAssignment(Buffer.alloc(0)), { tasks: [], standbys: [], moving: [] })
})
