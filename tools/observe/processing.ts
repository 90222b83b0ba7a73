/** Metrics of an application's tasks. */
import type { StreamsApplication } from '../../streams/application.js'
import type { Log, TaskId, TopicPartition } from '../../streams/log/log.js'
import type { CommitReport, TaskChange } from '../../streams/runner-options.js'
import type { MergeCache } from '../../streams/stores/merge-store.js'
import type { Topology } from '../../streams/topology.js'
import { remaining } from '../remaining.js'
import type { Metrics } from './metrics.js'

export interface ProcessingParts {
  readonly log: Pick<Log, 'committed' | 'beginningOffset' | 'endOffset' | 'fetch'>
  readonly topology: Topology
  readonly applicationId: string
  readonly application: Pick<StreamsApplication, 'tasks' | 'standbys' | 'state'>
  readonly cache: MergeCache
}

const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const taskStates = ['created', 'restoring', 'running', 'fenced', 'failed', 'closed'] as const
const applicationStates = ['created', 'rebalancing', 'running', 'closing', 'closed', 'failed'] as const

/** Counts what commits did; the result is to be called after each. */
export function commitMetrics(metrics: Metrics): (task: TaskId, commit: CommitReport) => void {
  const records = metrics.counter('segue_records_processed_total', 'Input records of committed transactions.', 'sub_topology', 'partition')
  const duration = metrics.histogram(
    'segue_commit_duration_seconds',
    'From the end of processing until log and store have the commit.',
    COMMIT_SECONDS,
    'sub_topology'
  )
  const letters = metrics.counter('segue_dead_letters_total', 'Records that went to the dead-letter topic, by reason.', 'code')
  const duplicates = metrics.counter('segue_duplicate_records_total', 'Events that had been read before: counted once.')
  const late = metrics.counter('segue_late_records_total', 'Events before one of the same listener that was read earlier.')
  const misplaced = metrics.counter(
    'segue_misplaced_records_total',
    "Events in another partition than their listener's: a producer does not choose it by murmur2 of user_id."
  )
  return ({ unit, partition }, commit) => {
    records.inc({ sub_topology: unit, partition }, commit.records)
    duration.observe({ sub_topology: unit }, commit.durationMs / 1000)
    for (const [code, count] of commit.deadLetters) letters.inc({ code }, count)
    duplicates.inc(commit.counted.get('duplicate') ?? 0)
    late.inc(commit.counted.get('late') ?? 0)
    misplaced.inc(commit.counted.get('misplaced') ?? 0)
  }
}

/** Counts what the group gives to this process and takes from it. */
export function changeMetrics(metrics: Metrics): (change: TaskChange, count: number) => void {
  const changes = metrics.counter(
    'segue_task_changes_total',
    'Tasks that the group gave, took back, or had given to others meanwhile.',
    'change'
  )
  return (change, count) => changes.inc({ change }, count)
}

/** Asks at each scrape how the tasks of this process are. */
export function taskMetrics(metrics: Metrics, parts: ProcessingParts): void {
  lagMetrics(metrics, parts)
  const { application, topology, cache } = parts
  const state = metrics.gauge('segue_task_state', '1 for the state that the task is in.', 'sub_topology', 'partition', 'state')
  const whole = metrics.gauge('segue_application_state', '1 for the state that the application is in.', 'state')
  const expected = metrics.gauge('segue_topology_tasks', 'Tasks of the topology, over all instances.')
  const labels = ['sub_topology', 'partition'] as const
  const left = metrics.gauge('segue_task_restore_remaining_records', 'Changelog records still to be restored.', ...labels)
  const restored = metrics.gauge('segue_task_restored_records', 'Changelog records restored since the task came here.', ...labels)
  const standby = metrics.gauge('segue_standby_remaining_records', 'Changelog records that a warm copy is behind.', ...labels)
  const bytes = metrics.gauge('segue_store_bytes', "A task's store on disk.", ...labels)
  const memory = metrics.gauge('segue_store_cache_bytes', 'Values of merge stores in memory, about.')
  const limit = metrics.gauge('segue_store_cache_limit_bytes', 'What they may take (STORE_CACHE_MB).')
  expected.set([...topology.units.values()].reduce((sum, { partitions }) => sum + partitions, 0))
  limit.set(cache.limit)
  metrics.collector('tasks', [state, left, restored, standby, bytes], async () => {
    for (const gauge of [state, left, restored, standby, bytes]) gauge.reset()
    for (const name of applicationStates) whole.set({ state: name }, application.state === name ? 1 : 0)
    memory.set(cache.used)
    for (const { id, state: current, restoring } of application.tasks) {
      const task = { sub_topology: id.unit, partition: id.partition }
      for (const name of taskStates) state.set({ ...task, state: name }, current === name ? 1 : 0)
      left.set(task, restoring.remaining)
      restored.set(task, restoring.restored)
      bytes.set(task, restoring.storeBytes)
    }
    for (const { id, remaining } of application.standbys) standby.set({ sub_topology: id.unit, partition: id.partition }, remaining)
  })
}

/** What the tasks of this process have still to read. */
function lagMetrics(metrics: Metrics, { log, applicationId, application }: ProcessingParts): void {
  const records = metrics.gauge('segue_lag_records', 'Records that are in the log and not yet processed.', 'topic', 'partition')
  const seconds = metrics.gauge('segue_lag_seconds', 'Age of the oldest record that is not yet processed; 0: none.', 'topic', 'partition')
  metrics.collector('lag', [records, seconds], async () => {
    const inputs = application.tasks.flatMap(({ id: { partition }, unit }) => unit.topics.map(topic => ({ topic, partition })))
    const committed = await log.committed(applicationId, inputs)
    const found = await Promise.all(
      inputs.map(async (input, i) => {
        const from = committed[i] ?? (await log.beginningOffset(input))
        const waiting = await remaining(log, input, from)
        return { input, waiting, age: waiting === 0 ? 0 : await ageOf(log, input, from) }
      })
    )
    for (const gauge of [records, seconds]) gauge.reset()
    for (const { input, waiting, age } of found) {
      records.set({ ...input }, waiting)
      seconds.set({ ...input }, age)
    }
  })
}

/** Seconds since the record time of the first record from an offset on; 0: there is none. */
export async function ageOf(log: Pick<Log, 'fetch'>, partition: TopicPartition, from: number): Promise<number> {
  const [first] = (await log.fetch(partition, from, 1)).records
  return first === undefined ? 0 : Math.max(0, (Date.now() - first.timestamp) / 1000)
}
