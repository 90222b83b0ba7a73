import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../schemas/root.js'
import type { Dump } from '../../../tools/dump.js'
import { differences } from '../../../tools/dump-equality.js'
import { s3Server } from '../../faults/s3-server.js'
import { segue } from '../../product/run.js'
import { batchDump } from '../batch-dump.js'
import { requirePython, run, Warehouse } from '../support.js'
import { originalQueries, vectorLines } from '../vectors.js'

if (requirePython(t, 'dbt'))
  t.test('a lake in S3: from events to the original’s queries', async t => {
    const { endpoint, region, credentials } = await s3Server()
    const { accessKeyId, secretAccessKey } = credentials!
    const s3 = { S3_ENDPOINT: endpoint, S3_REGION: region, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
    const warehouse = new Warehouse(t.testdir())
    const environment = { ...s3, SEGUE_DATA_DIR: warehouse.directory, SEGUE_LAKE: 's3://segue/lake' }
    const command = async (...args: string[]) => {
      const { code, stdout, stderr } = await segue(args, environment)
      t.equal(code, 0, stderr)
      return stdout
    }
    const dbt = async (args: readonly string[], more: Record<string, string> = {}) => {
      const ended = await run(join(projectRoot, 'dbt/bin/dbt'), [...args, '--no-use-colors'], { ...environment, ...more })
      if (ended.code !== 0) throw new Error(ended.output)
      return ended.output
    }
    const lines = vectorLines()
    const file = join(warehouse.directory, 'events.jsonl')
    writeFileSync(file, `${lines.join('\n')}\n`)
    await command('produce', file)
    await command('lake', 'flush')
    t.match(await command('lake', 'verify'), /every offset once, every file intact/)
    t.match(await dbt(['build']), /WARN=0 ERROR=0 SKIP=0/, 'dbt build')
    const { stdout } = await segue(['dump', '--input', file])
    t.same(differences(JSON.parse(stdout) as Dump, await batchDump(warehouse)), [], 'what the stream computes of the same events')
    t.equal((await warehouse.query<{ song_name: string }>(originalQueries.gold))[0]?.song_name, 'Track 0')

    const day = await dbt(['show', '--quiet', '--output', 'json', '--limit', '-1', '--inline', originalQueries.bronze.replace(';', '')])
    const expected = lines.filter(line => new Date(JSON.parse(line).event.occurred_at).toISOString().startsWith('2023-11-15'))
    t.equal((JSON.parse(day.slice(day.indexOf('{'))) as { show: unknown[] }).show.length, expected.length, 'bronze is read in the bucket')

    const profile = join(warehouse.directory, 'credentials')
    writeFileSync(profile, `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`)
    const byProfile = {
      AWS_SHARED_CREDENTIALS_FILE: profile,
      AWS_EC2_METADATA_DISABLED: 'true',
      S3_ACCESS_KEY_ID: '',
      S3_SECRET_ACCESS_KEY: ''
    }
    await dbt(['show', '--quiet', '--inline', 'select count(*) as n from bronze.raw_plays'], byProfile)
  })
