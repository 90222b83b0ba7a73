import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { generator } from '../../bench/reference.js'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { start } from '../product/instance.js'
import { fixture, segue, temporary } from '../product/run.js'

const FLIPS = 8
const expected = JSON.parse(readFileSync(fixture('awkward.expected.json'), 'utf8')) as Dump

const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map(name => join(directory, name))
    .filter(path => statSync(path).isFile())
    .sort()

/** Flips single bits of the largest files of a directory, some of them near the beginning. */
function flip(directory: string, seed: number): void {
  const random = generator(seed)
  for (const path of filesIn(directory).sort((a, b) => statSync(b).size - statSync(a).size)) {
    const bytes = readFileSync(path)
    for (let i = 0; i < FLIPS && bytes.length > 0; i++) {
      const reach = i % 2 === 0 ? Math.min(bytes.length, 16_384) : bytes.length
      bytes[Math.floor(random() * reach)]! ^= 1 << Math.floor(random() * 8)
    }
    writeFileSync(path, bytes)
  }
}

const damages: Record<string, (directory: string) => void> = {
  'flipped bits': directory => flip(directory, 1),
  'other flipped bits': directory => flip(directory, 2),
  'torn last writes': directory => {
    for (const path of filesIn(directory)) truncateSync(path, Math.floor(statSync(path).size * 0.7))
  },
  'missing files': directory => {
    for (const [i, path] of filesIn(directory).entries()) if (i % 2 === 0) rmSync(path)
  },
  'empty files': directory => {
    for (const path of filesIn(directory)) truncateSync(path, 0)
  },
  'garbage after the end': directory => {
    for (const path of filesIn(directory)) appendFileSync(path, Buffer.alloc(5_000, 0xa5))
  },
  'no files at all': directory => rmSync(directory, { recursive: true }),
  "another process's locks": directory => {
    for (const path of filesIn(directory)) if (/lock/i.test(path)) writeFileSync(path, 'pid 1')
  }
}

async function filled(t: Test, SEGUE_STORE: string): Promise<string> {
  const SEGUE_DATA_DIR = temporary(t)
  const environment = { SEGUE_DATA_DIR, SEGUE_STORE }
  await segue(['produce', fixture('awkward.jsonl')], environment)
  const { stdout } = await segue(['dump'], environment)
  t.same(differences(expected, JSON.parse(stdout) as Dump), [])
  return SEGUE_DATA_DIR
}

for (const SEGUE_STORE of ['lmdb', 'level'])
  t.test(`${SEGUE_STORE}: damaged stores are wiped and restored, or were harmless`, async t => {
    const directory = await filled(t, SEGUE_STORE)
    for (const [name, damage] of Object.entries(damages)) {
      const SEGUE_DATA_DIR = join(temporary(t), 'copy')
      cpSync(directory, SEGUE_DATA_DIR, { recursive: true })
      for (const task of readdirSync(join(SEGUE_DATA_DIR, 'state'))) damage(join(SEGUE_DATA_DIR, 'state', task))
      // More input, so that the stores are also written after the damage: the same events, all of them duplicates.
      t.equal((await segue(['produce', fixture('awkward.jsonl')], { SEGUE_DATA_DIR, SEGUE_STORE })).code, 0)
      const { code, stdout, stderr } = await segue(['dump'], { SEGUE_DATA_DIR, SEGUE_STORE })
      t.equal(code, 0, `${name}: ${stderr}`)
      const actual = JSON.parse(stdout) as Dump
      const twice = Object.fromEntries(Object.entries(expected.rejected).map(([reason, count]) => [reason, 2 * count]))
      t.same(differences({ ...expected, duplicates: actual.duplicates, rejected: twice }, actual), [], name)
      const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0)
      t.equal(actual.duplicates, 2 * expected.duplicates + sum(expected.accepted), `${name}: each was known`)
    }
  })

t.test('a damaged view is filled anew', async t => {
  const directory = await filled(t, 'lmdb')
  const first = await start(t, { SEGUE_DATA_DIR: directory })
  await first.settled()
  first.process.kill('SIGTERM')
  await first.ended
  const [track, { neighbours, sessions }] = Object.entries(expected.tracks).sort(([, a], [, b]) => b.sessions - a.sessions)[0]!
  for (const [name, damage] of Object.entries(damages)) {
    const SEGUE_DATA_DIR = join(temporary(t), 'copy')
    cpSync(directory, SEGUE_DATA_DIR, { recursive: true })
    damage(join(SEGUE_DATA_DIR, 'view'))
    const instance = await start(t, { SEGUE_DATA_DIR })
    await instance.settled()
    const response = await fetch(`${instance.url}/tracks/${encodeURIComponent(track)}/neighbours?limit=50`)
    const answer = (await response.json()) as { sessions: number; neighbours: { track_id: string; sessions_together: number }[] }
    t.equal(answer.sessions, sessions, name)
    t.ok(answer.neighbours.length > 0)
    for (const { track_id, sessions_together } of answer.neighbours)
      t.equal(sessions_together, neighbours[track_id]?.[0], `${name}: ${track_id}`)
    instance.process.kill('SIGTERM')
    t.equal((await instance.ended).code, 0, name)
  }
})

t.test('a damaged log is never taken for a whole one', async t => {
  const directory = await filled(t, 'lmdb')
  for (const [name, damage] of Object.entries(damages)) {
    if (name === 'no files at all') continue
    const SEGUE_DATA_DIR = join(temporary(t), 'copy')
    cpSync(directory, SEGUE_DATA_DIR, { recursive: true })
    damage(join(SEGUE_DATA_DIR, 'log'))
    const { code, stdout, stderr } = await segue(['dump'], { SEGUE_DATA_DIR })
    if (code === 0) t.same(differences(expected, JSON.parse(stdout) as Dump), [], `${name}: harmless`)
    else {
      t.match(stderr, /The log in .* is damaged \(.*restore the directory from a copy, or move it away/, name)
      t.notMatch(stderr, /\n +at /, `${name}: no stack`)
    }
  }
})
