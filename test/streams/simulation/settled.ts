import { APPLICATION, type World } from './world.js'

/** All tasks run somewhere and have nothing to do, and all input is committed. */
export async function settled(world: World): Promise<boolean> {
  const tasks = world.busyHosts.flatMap(({ running }) => running!.application.tasks)
  if (tasks.length !== world.topology.units.size * world.partitions || !tasks.every(task => task.settled)) return false
  for (const { topics, partitions } of world.topology.units.values())
    for (let partition = 0; partition < partitions; partition++)
      for (const topic of topics) {
        const [committed = 0] = await world.log!.committed(APPLICATION, [{ topic, partition }])
        if (committed !== (await world.log!.endOffset({ topic, partition }))) return false
      }
  return true
}
