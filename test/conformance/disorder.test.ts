import t from 'tap'
import { generator } from '../../bench/reference.js'
import { differences } from '../../tools/dump-equality.js'
import { dumpOf, openDriver, pipeLines } from './driven.js'
import { type Line, vector } from './whole.js'

const now = Date.UTC(2026, 0, 1)
const SEEDS = [1, 2]

/**
 * Moves each event by up to `reach` places. Of records of one topic that say the same of one key the first stands, so
 * these keep their order.
 */
function disordered(lines: readonly Line[], seed: number, reach: number): Line[] {
  const random = generator(seed)
  const places = lines.map((line, i) => ({ line, at: i + random() * reach }))
  const byKey = new Map<string, number[]>()
  for (const [i, { line }] of places.entries()) {
    const { user_id, track_id, occurred_at } = line.event as { user_id: string; track_id?: string; occurred_at?: number }
    const key = JSON.stringify([line.topic, user_id, track_id, occurred_at])
    byKey.set(key, [...(byKey.get(key) ?? []), i])
  }
  for (const indices of byKey.values()) {
    const ats = indices.map(i => places[i]!.at).sort((a, b) => a - b)
    for (const [k, i] of indices.entries()) places[i]!.at = ats[k]!
  }
  return places.sort((a, b) => a.at - b.at).map(({ line }) => line)
}

const { lines, expected } = vector('awkward')

for (const reach of [50, 1e6])
  for (const seed of SEEDS)
    t.test(`late by up to ${reach} places, seed ${seed}: the same result as in order`, async t => {
      const driver = await openDriver(t.testdir())
      const arrivals = disordered(lines, seed, reach)
      t.not(
        arrivals.findIndex((line, i) => line !== lines[i]),
        -1
      )
      await pipeLines(driver, arrivals, 97, now)
      t.same(differences(expected, await dumpOf(driver)), [])
    })

t.test('the same events from three sources, in any order: one effect', async t => {
  const driver = await openDriver(t.testdir())
  const random = generator(5)
  const again = (source: string, line: Line) => ({ ...line, event: { ...line.event, event_id: `${source} ${random()}`, source } })
  // The first source's records stand: they come first in each topic. Then those of a poll and of an import, in any order.
  const repeated = disordered([...lines.map(line => again('poll', line)), ...lines.map(line => again('import', line))], 9, 1e6)
  await pipeLines(driver, [...lines, ...repeated], 211, now)
  const dump = await dumpOf(driver)
  const accepted = Object.values(expected.accepted).reduce((sum, count) => sum + count, 0)
  // A record without an event id is rejected; it has one now.
  const missing = dump.rejected
  t.same(
    differences({ ...expected, duplicates: dump.duplicates, rejected: missing }, dump),
    [],
    'sessions, counts, weights and affinities are those of one source'
  )
  const read = 3 * lines.length
  const rejected = Object.values(dump.rejected).reduce((sum, count) => sum + count, 0)
  t.equal(dump.duplicates, read - accepted - rejected, 'each record is accepted, a duplicate or rejected')
})
