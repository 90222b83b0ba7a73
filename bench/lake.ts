import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { figure } from './figures.js'
import type { LakeRun } from './lake-child.js'
import { produceInto } from './workload.js'

const ROWS = 500_000

/** A backlog of half a million records into the lake, by a process that does nothing else. */
export async function lake(): Promise<void> {
  const prepared = { directory: mkdtempSync(join(tmpdir(), 'segue-bench-lake-')), events: 0 }
  try {
    await produceInto(prepared, ROWS)
    const child = fork(fileURLToPath(new URL('./lake-child.js', import.meta.url)), [], {
      env: { ...process.env, SEGUE_DATA_DIR: prepared.directory, SEGUE_LAKE: 'on', S3_BUCKET: '', MINIO_BUCKET: '' }
    })
    const [run] = (await once(child, 'message')) as [LakeRun]
    figure('lake: rate', (1000 * ROWS) / run.wallMs, 'rows/s')
    figure('lake: CPU', run.cpuUs / ROWS, 'us/row')
    figure('lake: resident memory', run.residentMb, 'MB')
    figure('lake: files', run.files, '')
    figure('lake: size', run.bytes / ROWS, 'B/row')
  } finally {
    rmSync(prepared.directory, { recursive: true, force: true })
  }
}
