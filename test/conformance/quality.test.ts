/** Quality measured while it happens is that of test-then-train over the same events. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Measures, readQuality } from '../../api/answers/quality.js'
import { Recommender } from '../../api/answers/recommendations.js'
import type { Facts, Told } from '../../api/exposures.js'
import { StandingLists } from '../../api/quality/standing.js'
import { viewSpaces } from '../../state/view/view.js'
import type { TopologyTestDriver } from '../../streams/test-driver.js'
import { evaluate } from '../../tools/evaluate.js'
import { MapView } from '../api/support.js'
import { play } from '../processors/events.js'
import { openDriver } from './driven.js'

const PARTITIONS = 3
const START = Date.UTC(2026, 0, 31, 8)
const MINUTE = 60_000

interface Played {
  readonly user: string
  readonly track: string
  readonly artist: string
  readonly at: number
}

/** Listeners who play what goes together as a rule, in turns, with breaks that end sessions. */
function someHours(count: number): Played[] {
  let state = 12345
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  let at = START
  return Array.from({ length: count }, () => {
    at += random(60) === 0 ? 70 * MINUTE : 1_000 + random(90_000)
    const taste = random(5)
    const number = taste * 8 + (random(5) === 0 ? random(40) : random(8))
    return { user: `u${random(7)}`, track: `t${number % 40}`, artist: `a${number % 9}`, at }
  })
}

/** What is to be foreseen: the next new track of a session. */
function targetsOf(plays: readonly Played[]): number[] {
  const sessions = new Map<string, { last: number; tracks: Set<string> }>()
  return plays.flatMap(({ user, track, at }, i) => {
    const session = sessions.get(user)
    const goesOn = session !== undefined && at - session.last <= 60 * MINUTE
    const tracks = goesOn ? session.tracks : new Set<string>()
    const isTarget = goesOn && !tracks.has(track)
    sessions.set(user, { last: at, tracks: tracks.add(track) })
    return isTarget ? [i] : []
  })
}

/** The whole topology, a view of its outputs, and who makes lists from it: each event reaches everything before the next one. */
class Live {
  readonly view = new MapView()
  readonly #told: Told[] = []
  readonly recommender = new Recommender(this.view, PARTITIONS, async () => undefined)
  readonly facts: Facts = {
    tell: fact => void this.#told.push(fact),
    write: async () => {},
    counts: () => ({ written: 0, lost: 0, waiting: 0 })
  }
  #now = START
  readonly now = () => this.#now

  constructor(private readonly driver: TopologyTestDriver) {
    this.view.onChange((space, keys) => space === 'track-details' && this.recommender.tracksChanged(keys))
  }

  async play({ user, track, artist, at }: Played): Promise<void> {
    this.#now = at
    const event = play({ user_id: user, track_id: track, artist_id: artist, occurred_at: at })
    this.driver.pipe('spotify-plays', user, event, at)
    await this.#commit()
  }

  async makeLists(users: readonly string[]): Promise<void> {
    const { view, recommender, facts, now } = this
    const options = { oneIn: 1, perSecond: 1e9, delayMs: 1e9 }
    // A new one knows of no lists that it has made.
    const standing = new StandingLists({ view, recommender, facts, now, options, onError: t.error, owns: () => true })
    standing.changed(users)
    await standing.settle()
    await standing.close()
    for (const { topic, value } of this.#told.splice(0)) this.driver.pipe(topic, value.user_id, value, this.#now)
    await this.#commit()
  }

  async #commit(): Promise<void> {
    await this.driver.commit()
    for (const space of viewSpaces)
      for (const { key, value } of this.driver.take(space)) if (value !== null) this.view.put(space, key, value as never)
  }
}

async function evaluated(t: Test, plays: readonly Played[], targets: readonly number[]) {
  const directory = mkdtempSync(join(tmpdir(), 'segue-quality-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const lines = (values: readonly object[]) => values.map(value => `${JSON.stringify(value)}\n`).join('')
  const events = join(directory, 'events.jsonl')
  const chosen = join(directory, 'targets.jsonl')
  const event = ({ user, track, artist, at }: Played) => ({
    ...{ user_id: user, track_id: track, artist_id: artist },
    played_at: new Date(at).toISOString()
  })
  writeFileSync(events, lines(plays.map(event)))
  writeFileSync(chosen, lines(targets.map(id => ({ id }))))
  return evaluate({ events, targets: chosen, strategies: ['session', 'baseline'] })
}

const temporary = (t: Test) => {
  const directory = mkdtempSync(join(tmpdir(), 'segue-quality-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

t.test('hit rate, NDCG and MRR are those of segue evaluate', async t => {
  const plays = someHours(400)
  const targets = targetsOf(plays)
  const live = new Live(await openDriver(temporary(t)))
  const users = [...new Set(plays.map(({ user }) => user))]
  for (const played of plays) {
    await live.play(played)
    // What others play changes lists, too: evaluate makes them right before the play.
    await live.makeLists(users)
  }
  const { strategies } = await readQuality(live.view, PARTITIONS, 'all', live.now())
  t.ok(targets.length > 150, `${targets.length} targets`)
  for (const expected of await evaluated(t, plays, targets)) {
    const found = strategies.find(({ strategy }) => strategy === expected.strategy)!
    t.ok(expected.hitRate > 0.1 && expected.hitRate < 1, `${expected.strategy} foresees some: ${expected.hitRate}`)
    t.equal(found.plays, expected.targets)
    for (const [name, value] of [
      ['hit_rate', expected.hitRate],
      ['ndcg', expected.ndcg],
      ['mrr', expected.mrr]
    ] as const)
      t.ok(Math.abs(found[name]! - value) < 1e-12, `${expected.strategy} ${name}: ${found[name]} and ${value}`)
  }
})

t.test('windows add up, and a play that no list stood before is not scored', async t => {
  const plays = someHours(300)
  const live = new Live(await openDriver(temporary(t)))
  for (const [i, played] of plays.entries()) {
    await live.play(played)
    if (i % 3 !== 0) await live.makeLists([played.user])
  }
  const last = plays.at(-1)!.at
  // A play is scored when it goes on, with a new track, from a play of the listener after which lists were made.
  const targets = new Set(targetsOf(plays))
  const previous = new Map<string, number>()
  const scored: number[] = []
  for (const [i, { user, at }] of plays.entries()) {
    const before = previous.get(user)
    if (targets.has(i) && before !== undefined && before % 3 !== 0) scored.push(at)
    previous.set(user, i)
  }
  t.ok(scored.length > 50)
  const slot = (at: number, ms: number) => Math.floor(at / ms)
  for (const [window, ms, count] of [
    ['hour', 5 * MINUTE, 12],
    ['day', 60 * MINUTE, 24],
    ['week', 60 * MINUTE, 168]
  ] as const) {
    const within = scored.filter(at => slot(at, ms) > slot(last, ms) - count)
    const { strategies, span_ms } = await readQuality(live.view, PARTITIONS, window, last)
    t.equal(span_ms, ms)
    for (const { plays, series, hit_rate } of strategies) {
      t.equal(plays, within.length, window)
      const points = new Map<string, number>()
      for (const at of within) {
        const start = new Date(slot(at, ms) * ms).toISOString()
        points.set(start, (points.get(start) ?? 0) + 1)
      }
      t.same(
        series.map(({ start, plays }) => [start, plays]),
        [...points],
        `${window}: a point for each span, the oldest first`
      )
      const hits = series.reduce((sum, point: Measures) => sum + point.plays * point.hit_rate!, 0)
      t.ok(Math.abs(hits - plays * hit_rate!) < 1e-9)
    }
  }
  const later = await readQuality(live.view, PARTITIONS, 'day', last + 8 * 24 * 60 * MINUTE)
  t.same(
    later.strategies.map(({ plays, series }) => [plays, series]),
    [
      [0, []],
      [0, []]
    ],
    'slots that are used again are not mistaken'
  )
})
