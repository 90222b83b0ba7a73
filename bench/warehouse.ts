/** dbt build of so many events of the reference workload (default a million) on DuckDB: seconds of CPU. */
import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { projectRoot } from '../schemas/root.js'
import { referenceEvents } from './reference.js'

const PARTITIONS = 3
const events = Number(process.argv[2] ?? 1_000_000)
const directory = mkdtempSync(join(tmpdir(), 'segue-warehouse-'))

function* lines(): Iterable<string> {
  const offsets = new Map<string, number>()
  for (const { topic, key, event } of referenceEvents({ events })) {
    const partition = Number(key.slice('user'.length)) % PARTITIONS
    const offset = offsets.get(`${topic}${partition}`) ?? 0
    offsets.set(`${topic}${partition}`, offset + 1)
    yield `${JSON.stringify({ topic, partition, offset, record_time: Date.UTC(2027, 0, 1), event })}\n`
  }
}

try {
  const file = join(directory, 'records.jsonl')
  await pipeline(Readable.from(lines()), createWriteStream(file))
  const python = join(projectRoot, '.venv/dbt/bin/python')
  execFileSync(python, [join(projectRoot, 'test/batch/write_lake.py'), join(directory, 'lake'), file])
  // `times` ends with what the children used: minutes and seconds of their own, and of the system for them.
  const script = '"$0" --quiet build 1>&2 && times'
  const environment = { ...process.env, SEGUE_DATA_DIR: directory, SEGUE_LAKE: 'on', S3_BUCKET: '', SEGUE_WAREHOUSE: '' }
  const started = Date.now()
  const printed = execFileSync('sh', ['-c', script, join(projectRoot, 'dbt/bin/dbt')], { env: environment, encoding: 'utf8' })
  const cpu = printed
    .trim()
    .split('\n')
    .at(-1)!
    .split(' ')
    .map(time => /^(\d+)m([\d.]+)s$/.exec(time)!)
    .reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0)
  process.stdout.write(`dbt build of ${events} events: ${cpu.toFixed(1)} s of CPU, ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
