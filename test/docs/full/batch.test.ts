import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import t from 'tap'
import { freePort } from '../../../tools/stack/ports.js'
import { startStandIn } from '../../batch/stand-in.js'
import { requirePython } from '../../batch/support.js'
import { s3Server } from '../../faults/s3-server.js'
import { fixture, segue } from '../../product/run.js'
import { Shell } from '../shell.js'

if (requirePython(t, 'snowflake'))
  t.test('the lake, dbt on both warehouses, reconciliation, Airflow', async t => {
    const shell = new Shell(t, 'full/batch', { S3_BUCKET: '', SEGUE_WAREHOUSE: '', SEGUE_SIMULATOR: 'off' })
    const SEGUE_DATA_DIR = join(shell.directory, 'data')
    await shell.ends('npm run python:setup', /./)
    await shell.ends('npm run build && npm run python:setup -- airflow dbt', /./)
    for (const args of [['produce', fixture('awkward.jsonl')], ['dump'], ['lake', 'flush']]) {
      const { code, stderr } = await segue(args, { SEGUE_DATA_DIR, S3_BUCKET: '' })
      t.equal(code, 0, stderr)
    }
    await shell.ends('dbt/bin/dbt build', /WARN=0 ERROR=0 SKIP=0/)
    await shell.ends('dbt/bin/dbt source freshness', /PASS/)
    await shell.ends('dbt/bin/dbt docs generate', /Catalog written/)
    await shell.ends('npx segue reconcile', /Stream equals batch: \d+ keys/)
    await shell.ends('npx segue reconcile --repair', /Stream equals batch: \d+ keys/)

    const directory = join(shell.directory, 'snowflake')
    mkdirSync(directory)
    cpSync(join(SEGUE_DATA_DIR, 'lake'), join(directory, 'lake'), { recursive: true })
    const { keyPair } = await startStandIn(t, directory)
    const { SEGUE_DBT_TARGET: _, SEGUE_DBT_ENVIRONMENT: __, ...account } = keyPair
    shell.set(account)
    await shell.ends('npx segue warehouse setup', /is up to date/)
    await shell.ends('npx segue warehouse refresh', /[1-9]\d* files changed/)
    await shell.ends('SEGUE_DBT_TARGET=snowflake SEGUE_DBT_ENVIRONMENT=snowflake dbt/bin/dbt build', /WARN=0 ERROR=0 SKIP=0/)

    shell.set({
      SEGUE_DATA_DIR,
      S3_BUCKET: '',
      AIRFLOW__API__PORT: String(await freePort()),
      AIRFLOW_HOME: join(shell.directory, 'airflow')
    })
    await shell.ends('airflow/bin/airflow db migrate', /./)
    await shell.ends('airflow/bin/airflow dags test spotify_pipeline_basic', /state=success/i)
    const airflow = await shell.starts('airflow/bin/airflow standalone', /Airflow is ready|password/i)
    await airflow.end()

    const { endpoint, region, credentials, ...options } = await s3Server()
    const { accessKeyId, secretAccessKey } = credentials!
    const client = new S3Client({ ...options, endpoint, region, credentials: credentials!, forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket: 'music' }))
    client.destroy()
    const s3 = { S3_ENDPOINT: endpoint, S3_REGION: region, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
    const other = { SEGUE_DATA_DIR: join(shell.directory, 'other') }
    shell.set({ ...s3, ...other })
    await shell.exports('export SEGUE_LAKE=s3://music/lake')
    for (const args of [
      ['produce', fixture('hand.jsonl')],
      ['lake', 'flush']
    ]) {
      const { code, stderr } = await segue(args, { ...s3, ...other, SEGUE_LAKE: 's3://music/lake' })
      t.equal(code, 0, stderr)
    }
    await shell.ends('dbt/bin/dbt build', /WARN=0 ERROR=0 SKIP=0/)
    await shell.ends('dbt/bin/dbt show --inline "select count(*) from bronze.raw_plays"', /\| +[1-9]\d* +\|/)
    shell.complete()
  })
