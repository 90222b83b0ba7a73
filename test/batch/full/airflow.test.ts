import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { projectRoot } from '../../../schemas/root.js'
import { corrupt } from '../corrupt.js'
import { pythonOf, requirePython, run, Warehouse } from '../support.js'

interface Mail {
  readonly to: readonly string[]
  readonly subject: string
  readonly body: string
}

/** A mail server: its port, and what it has received so far. */
async function mailServer(t: Test): Promise<{ port: number; mails: Mail[] }> {
  const server = spawn(pythonOf('airflow'), [join(projectRoot, 'test/batch/smtp.py')])
  t.teardown(() => server.kill())
  const mails: Mail[] = []
  const port = await new Promise<number>((resolve, reject) => {
    server.on('exit', code => reject(new Error(`The mail server ended with ${code}.`)))
    createInterface(server.stdout).on('line', line => {
      if (line.startsWith('PORT ')) resolve(Number(line.slice(5)))
      if (line.startsWith('MAIL ')) mails.push(JSON.parse(line.slice(5)) as Mail)
    })
  })
  return { port, mails }
}

if (requirePython(t, 'airflow', 'dbt'))
  t.test('each DAG, end to end on a local lake; a failure is told by e-mail', async t => {
    const directory = t.testdir()
    const { port, mails } = await mailServer(t)
    const smtp = { conn_type: 'smtp', host: '127.0.0.1', port, extra: { disable_ssl: true, disable_tls: true } }
    const environment = {
      SEGUE_DATA_DIR: directory,
      AIRFLOW_HOME: join(directory, 'airflow'),
      SEGUE_LAKE: 'on',
      SEGUE_WAREHOUSE: '',
      S3_BUCKET: '',
      SEGUE_ALERT_EMAIL: 'ann@example.org',
      AIRFLOW_CONN_SMTP_DEFAULT: JSON.stringify(smtp)
    }
    const airflow = (...args: string[]) => run(join(projectRoot, 'airflow/bin/airflow'), args, environment)
    const today = new Date().toISOString().slice(0, 10)

    const migrated = await airflow('db', 'migrate')
    t.equal(migrated.code, 0, migrated.output)
    const pipeline = await airflow('dags', 'test', 'spotify_pipeline_basic')
    t.equal(pipeline.code, 0, pipeline.output)
    const [counts] = await new Warehouse(directory).query<{ plays: number; pairs: number }>(
      'select (select count(*) from silver.silver_plays) as plays, (select count(*) from gold.track_cooccurrence) as pairs'
    )
    t.ok(counts!.plays > 100 && counts!.pairs > 100, 'a simulated day has reached gold')

    const quality = await airflow('dags', 'test', 'data_quality_monitoring')
    t.equal(quality.code, 0, quality.output)
    const again = await airflow('dags', 'test', 'backfill', '--conf', JSON.stringify({ from: today, to: today }))
    t.equal(again.code, 0, again.output)
    t.same(mails, [], 'nothing to tell so far')

    const bad = await airflow('dags', 'test', 'backfill', '--conf', '{"from": "2026-02-01", "to": "2026-01-01"}')
    t.not(bad.code, 0)
    t.match(mails, [{ to: ['ann@example.org'], subject: 'Segue: backfill.check_range failed', body: /is after the last, 2026-01-01/ }])

    const equal = await airflow('dags', 'test', 'reconciliation')
    t.equal(equal.code, 0, equal.output)
    t.match(equal.output, /Stream equals batch: \d+ keys/)
    await corrupt(directory)
    const different = await airflow('dags', 'test', 'reconciliation')
    t.not(different.code, 0)
    t.match(different.output, /Stream and batch differ in \d+ of \d+ keys/)
    t.match(mails.slice(1), [{ to: ['ann@example.org'], subject: 'Segue: reconciliation.reconcile failed' }])
  })
