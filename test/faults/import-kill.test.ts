import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { generator } from '../../bench/reference.js'
import { projectRoot } from '../../schemas/root.js'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { start } from '../product/instance.js'
import { segue, temporary } from '../product/run.js'

const ROWS = 12_000
const KILLS = 6

/** An export of the account's data, in the shape that Spotify sends: years of listening, by the minute. */
function writeExport(directory: string): string {
  const random = generator(11)
  let end = Date.UTC(2021, 0, 1)
  const rows = Array.from({ length: ROWS }, () => {
    const track = Math.floor(random() ** 2 * 900)
    const msPlayed = random() < 0.35 ? Math.floor(random() * 30_000) : 120_000 + Math.floor(random() * 200_000)
    end += msPlayed + (random() < 0.06 ? 6 * 3_600_000 : 0)
    return {
      endTime: new Date(end).toISOString().slice(0, 16).replace('T', ' '),
      artistName: `Artist ${track % 60}`,
      trackName: `Track ${track}`,
      msPlayed
    }
  })
  mkdirSync(directory)
  for (let file = 0; file < 3; file++)
    writeFileSync(join(directory, `StreamingHistory_music_${file}.json`), JSON.stringify(rows.slice(file * 4_000, (file + 1) * 4_000)))
  return directory
}

const histories = join(projectRoot, '..', 'shared', 'data', 'histories')
const real = existsSync(histories) ? readdirSync(histories) : []

function importer(path: string, user: string, environment: Record<string, string>): ChildProcess {
  const args = [join(projectRoot, 'dist/tools/segue.js'), 'import', path, '--user', user]
  return spawn(process.execPath, args, { env: { ...process.env, ...environment }, stdio: 'ignore' })
}

const dumpOf = async (environment: Record<string, string>): Promise<Dump> => {
  const { code, stdout, stderr } = await segue(['dump'], environment)
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Dump
}

async function whole(path: string): Promise<Dump> {
  const environment = { SEGUE_DATA_DIR: temporary(t) }
  const { code, stdout } = await segue(['import', path, '--user', 'me'], environment)
  if (code !== 0) throw new Error(stdout)
  return dumpOf(environment)
}

const sources: [name: string, path: () => string, skip: string | false][] = [
  ['an export', () => writeExport(join(temporary(t), 'my_spotify_data')), false],
  ...real.map((name): [string, () => string, false] => [`the real history ${name}`, () => join(histories, name), false])
]
if (real.length === 0) sources.push(['real histories', () => histories, 'there are none beside this checkout'])

for (const [name, path, skip] of sources)
  t.test(`${name}: kill -9 of the import and of the application, again and again, then the rest`, { skip }, async t => {
    const directory = path()
    const environment = { SEGUE_DATA_DIR: temporary(t), MAX_COMMIT_RECORDS: '200' }
    const random = generator(3)
    let instance = await start(t, environment)
    let hits = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const child = importer(directory, 'me', environment)
      const exit = once(child, 'exit')
      // Some of the first second, in which it has begun and has not ended.
      await Promise.race([exit, sleep(400 + random() * 600)])
      if (child.exitCode === null) hits++
      if (kill % 2 === 0) child.kill('SIGKILL')
      else {
        instance.process.kill('SIGKILL')
        await instance.ended
        await exit
        instance = await start(t, environment)
      }
      await exit
    }
    t.ok(hits >= 2, `${hits} of ${KILLS} kills came while it was at work`)
    const { code, stdout, stderr } = await segue(['import', directory, '--user', 'me'], environment)
    t.equal(code, 0, stderr)
    t.comment(stdout.trim())
    const actual = await dumpOf(environment)
    instance.process.kill('SIGTERM')
    t.equal((await instance.ended).code, 0)
    const expected = await whole(directory)
    // A batch that was sent, and whose import died before it noted that, comes again: it is counted once.
    t.same(differences({ ...expected, duplicates: actual.duplicates }, actual), [])
    t.match((await segue(['import', directory, '--user', 'me'], environment)).stdout, / 0 published/, 'nothing is left to import')
    t.same(differences(actual, await dumpOf(environment)), [], 'and importing it again changes nothing')
  })
