/** Quality is counted exactly once: kill -9 at every step of a commit, and computing all of it again, change no number. */
import t, { type Test } from 'tap'
import { readConfig } from '../../config.js'
import type { Quality } from '../../schemas/events.js'
import type { NewRecord } from '../../streams/log/log.js'
import { openBase } from '../../tools/embedded.js'
import { lastValues } from '../../tools/last-values.js'
import { play } from '../processors/events.js'
import { runNode, segue, temporary } from '../product/run.js'

/** Lists are kept for 90 days. */
const START = Date.now() - 5 * 3_600_000
const MINUTE = 60_000
const USERS = 9
const PLAYS = 40
const PARTITIONS = 3

type Environment = Record<string, string>

/** The place of a listener's nth play in the list that stands before it; 0: it is not in the list. */
const placeOf = (user: number, n: number) => ((7 * user + 5 * n) % 13 > 10 ? 0 : (7 * user + 5 * n) % 13)

function listBefore(user: number, n: number): string[] {
  const place = placeOf(user, n)
  return Array.from({ length: 10 }, (_, i) => (i + 1 === place ? `t${user}-${n}` : `other-${i}`))
}

/** Lists follow each play, ten seconds later; the next play comes two minutes after it. Sessions go on, no track comes twice. */
async function write(environment: Environment): Promise<void> {
  const base = await openBase(readConfig(environment), { purpose: 'test' })
  const records: NewRecord[] = []
  for (let n = 0; n < PLAYS; n++)
    for (let user = 0; user < USERS; user++) {
      const [user_id, at] = [`u${user}`, START + 2 * MINUTE * n]
      const event = play({ user_id, track_id: `t${user}-${n}`, occurred_at: at })
      const lists = [{ strategy: 'session', tracks: listBefore(user, n + 1) }]
      const standing = { user_id, made_at: at, basis_at: at, session: [event.track_id], lists }
      const key = Buffer.from(user_id)
      records.push({ topic: 'spotify-plays', key, value: base.codec.encode('spotify-plays', event), timestamp: at })
      const value = base.codec.encode('standing-recommendations', standing)
      records.push({ topic: 'standing-recommendations', key, value, timestamp: at + 10_000 })
    }
  await base.log.send(records)
  await base.close()
}

/** Of all time, the partitions added up: plays, and how many of them were first, second, ... */
async function counted(environment: Environment): Promise<{ plays: number; ranks: number[] }> {
  const base = await openBase(readConfig(environment), { purpose: 'test' })
  const sum = { plays: 0, ranks: new Array<number>(10).fill(0) }
  for await (const row of lastValues({ ...base, topic: 'recommendation-quality', partitions: PARTITIONS }) as AsyncIterable<Quality>) {
    if (row.span !== 'all') continue
    sum.plays += row.plays
    for (const [i, count] of row.ranks.entries()) sum.ranks[i]! += count
  }
  await base.close()
  return sum
}

async function run(t: Test, environment: Environment, ...words: string[]): Promise<void> {
  const { code, stderr } = await segue(words, environment)
  t.equal(code, 0, `segue ${words.join(' ')} ${stderr}`)
}

t.test('kill -9 at every step, then all of it again', async t => {
  const environment = { SEGUE_DATA_DIR: temporary(t), MAX_COMMIT_RECORDS: '40', SEGUE_LAKE: 'off' }
  await write(environment)
  for (const [step, count] of [
    ['processed', 2],
    ['prepared', 3],
    ['log-committed', 1],
    ['store-written', 3],
    ['log-committed', 2]
  ] as const) {
    const { signal, stderr } = await runNode('test/product/crash-child.js', [step, String(count)], environment)
    t.equal(signal, 'SIGKILL', `killed at ${step} ${count} ${stderr}`)
  }
  await run(t, environment, 'dump')
  const expected = { plays: USERS * (PLAYS - 1), ranks: new Array<number>(10).fill(0) }
  for (let user = 0; user < USERS; user++) for (let n = 1; n < PLAYS; n++) if (placeOf(user, n) > 0) expected.ranks[placeOf(user, n) - 1]!++
  t.ok(expected.ranks.every(count => count > 0))
  t.same(await counted(environment), expected)
  await run(t, environment, 'reset', '--execute')
  await run(t, environment, 'dump')
  t.same(await counted(environment), expected, 'computed again')
})
