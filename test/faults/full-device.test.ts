import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { ingest, start } from '../product/instance.js'
import { listening } from '../product/listening.js'
import { segue, temporary } from '../product/run.js'
import { mayMount, withSmallDevice } from '../state/small-device.js'

const MiB = 1024 * 1024
const LINES = 4_000
const BATCH = 100
const skip = mayMount() ? false : 'this user may not mount a small file system'

t.test('the data directory fills up while events come in: nothing is lost, and it goes on when there is room', { skip }, t =>
  withSmallDevice(t, 64, async device => {
    const filler = join(device, 'filler')
    const SEGUE_DATA_DIR = join(device, 'data')
    mkdirSync(SEGUE_DATA_DIR)
    const instance = await start(t, { SEGUE_DATA_DIR, LOG_LEVEL: 'warn' })
    const lines = listening(LINES)
    const pending: string[][] = []
    for (let from = 0; from < LINES; from += BATCH) pending.push(lines.slice(from, from + BATCH))

    let refused = 0
    for (let round = 0; pending.length > 0; round++) {
      if (round === 5) fill(filler)
      if (refused === 10) rmSync(filler, { force: true })
      if ((await ingest(instance.url, pending[0]!)) === 200) pending.shift()
      else {
        refused++
        await sleep(50)
      }
      if (instance.process.exitCode !== null) break
    }
    t.ok(refused >= 10, `${refused} requests were refused while the device was full`)
    t.equal(instance.process.exitCode, null, instance.output())
    t.match(instance.output(), /no (space|room) left on the device/i, 'the operator is told')
    const { stdout, stderr, code } = await segue(['dump'], { SEGUE_DATA_DIR })
    t.equal(code, 0, stderr)
    instance.process.kill('SIGTERM')
    t.equal((await instance.ended).code, 0)

    const file = join(temporary(t), 'lines.jsonl')
    writeFileSync(file, lines.join('\n'))
    const undisturbed = JSON.parse((await segue(['dump', '--input', file])).stdout) as Dump
    const actual = JSON.parse(stdout) as Dump
    // A request that was refused may have been written all the same: it is sent again, and counted once.
    t.same(differences({ ...undisturbed, duplicates: actual.duplicates }, actual), [])
  })
)

/** Writes until nothing more fits. */
function fill(file: string): void {
  for (const size of [MiB, 64 * 1024, 4096])
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size, 1), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
}
