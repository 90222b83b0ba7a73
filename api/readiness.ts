import { ViewUnavailableError } from '../state/view/view.js'
import type { ApiContext } from './context.js'
import type { Lag, PartitionLag } from './operations.js'

export const total = (lags: readonly PartitionLag[]): number => lags.reduce((sum, lag) => sum + lag.records, 0)

/** What it takes to tell. */
export type Readiness = Pick<ApiContext, 'operations'> & { readonly options: Pick<ApiContext['options'], 'readyViewLag'> }

/** Why the application should get no requests yet, as a sentence; null: it is ready, its tasks run and the view is caught up. */
export async function notReady(context: Readiness): Promise<string | null> {
  try {
    return await notReadyYet(context)
  } catch (error) {
    if (error instanceof ViewUnavailableError) return `The view can't be reached: ${error.message}`
    throw error
  }
}

async function notReadyYet({ operations, options }: Readiness): Promise<string | null> {
  const [tasks, lag] = await Promise.all([operations.taskStates(), operations.lag()])
  if (tasks.length === 0 && operations.runsTasks) return 'No task has been assigned to this process yet.'
  const waiting = tasks.find(task => task.state !== 'running')
  if (waiting) return `The task ${waiting.unit}-${waiting.partition} is ${waiting.state}${waiting.detail ? `: ${waiting.detail}` : '.'}`
  const behind = total(lag.view)
  if (behind > options.readyViewLag) return `The view is ${behind} records behind the output topics (ready at ${options.readyViewLag}).`
  return null
}

/** Null: the view can't be reached, so what it lacks can't be told. */
export async function lagOrNull({ operations }: ApiContext): Promise<Lag | null> {
  try {
    return await operations.lag()
  } catch (error) {
    if (error instanceof ViewUnavailableError) return null
    throw error
  }
}
