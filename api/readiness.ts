import type { ApiContext } from './context.js'
import type { PartitionLag } from './operations.js'

export const total = (lags: readonly PartitionLag[]): number => lags.reduce((sum, lag) => sum + lag.records, 0)

/** Why the application should get no requests yet, as a sentence; null: it is ready, its tasks run and the view is caught up. */
export async function notReady({ operations, options }: ApiContext): Promise<string | null> {
  const [tasks, lag] = await Promise.all([operations.taskStates(), operations.lag()])
  if (tasks.length === 0) return 'No task has been assigned to this process yet.'
  const waiting = tasks.find(task => task.state !== 'running')
  if (waiting) return `The task ${waiting.unit}-${waiting.partition} is ${waiting.state}${waiting.detail ? `: ${waiting.detail}` : '.'}`
  const behind = total(lag.view)
  if (behind > options.readyViewLag) return `The view is ${behind} records behind the output topics (ready at ${options.readyViewLag}).`
  return null
}
