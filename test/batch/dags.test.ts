import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { pythonOf, requirePython, run } from './support.js'

interface Task {
  readonly upstream: readonly string[]
  readonly retries: number
  readonly backoff: boolean
  readonly alerts: number
}
type Dags = Record<string, { schedule: string | null; catchup: boolean; max_active_runs: number; tasks: Record<string, Task> }>

const pipeline = [
  'start',
  'generate_events',
  'start_consumer',
  'wait_for_s3_files',
  'stop_consumer',
  'refresh_snowflake_table',
  'dbt_compile',
  'dbt_run_silver',
  'dbt_run_gold',
  'dbt_test'
]

// Airflow takes 220 MB: on a laptop npm test makes do without it, in CI it is installed.
if (requirePython(t, 'airflow'))
  t.test('every DAG parses, and has the tasks, order, retries and alerts that it should', async t => {
    const { code, output } = await run(pythonOf('airflow'), [join(projectRoot, 'test/batch/dags.py'), join(projectRoot, 'airflow/dags')], {
      AIRFLOW_HOME: t.testdir(),
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      PYTHONPATH: join(projectRoot, 'airflow'),
      SEGUE_ALERT_EMAIL: 'ann@example.org'
    })
    t.equal(code, 0, output)
    const dags = JSON.parse(/^DAGS (.*)$/m.exec(output)?.[1] ?? '{}') as Dags
    t.same(Object.keys(dags).sort(), ['backfill', 'data_quality_monitoring', 'reconciliation', 'spotify_pipeline_basic'])
    const { tasks } = dags.spotify_pipeline_basic!
    t.same(Object.keys(tasks).sort(), [...pipeline].sort())
    for (const [i, task] of pipeline.entries()) t.same(tasks[task]!.upstream, pipeline.slice(Math.max(0, i - 1), i), task)
    for (const task of Object.values(tasks)) t.match(task, { retries: 3, backoff: true, alerts: 1 })

    const monitoring = dags.data_quality_monitoring!
    t.equal(monitoring.schedule, '*/30 * * * *')
    const checks = ['row_counts', 'nulls', 'duplicates', 'value_ranges', 'freshness', 'event_volume', 'gold_not_empty']
    t.same(Object.keys(monitoring.tasks).sort(), [...checks.map(check => `check_${check}`), 'dbt_tests'].sort())
    for (const task of Object.values(monitoring.tasks)) t.match(task, { retries: 0, alerts: 1, upstream: [] }, 'told at once')
    t.same(Object.keys(dags.backfill!.tasks).sort(), ['check_range', 'dbt_run_gold', 'dbt_run_silver', 'dbt_test'])
    t.same(Object.keys(dags.reconciliation!.tasks), ['reconcile'])
    for (const dag of Object.values(dags)) t.match(dag, { catchup: false, max_active_runs: 1 })
  })
