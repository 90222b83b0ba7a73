import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { REMEMBERED } from '../../processors/quality/experiments.js'
import type { ExperimentCounts, Exposure, Feedback, Quality, StandingList } from '../../schemas/events.js'
import { lastOf, openDriver } from '../conformance/driven.js'
import { play } from './events.js'
import { HOUR, NOON } from './harness.js'

const MINUTE = 60_000

async function driven(t: Test) {
  const directory = mkdtempSync(join(tmpdir(), 'segue-quality-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const driver = await openDriver(directory)
  return {
    driver,
    played: (track: string, at: number, read = at, more: object = {}) =>
      driver.pipe('spotify-plays', 'u', play({ track_id: track, occurred_at: at, ...more }), read),
    stands: (basis_at: number, tracks: string[], session: string[] = [], written = basis_at) => {
      const list: StandingList = { user_id: 'u', made_at: written, basis_at, session, lists: [{ strategy: 'session', tracks }] }
      driver.pipe('standing-recommendations', 'u', list, written)
    },
    /** Of all time: plays, and the ranks that are not 0. */
    scored: async () => {
      await driver.commit()
      const rows = [...lastOf<Quality>(driver, 'recommendation-quality').values()].filter(({ span }) => span === 'all')
      return rows.map(({ strategy, plays, ranks }) => [strategy, plays, ranks.flatMap((count, i) => (count > 0 ? [[i + 1, count]] : []))])
    }
  }
}

t.test('a play is scored against the list that stood before it, once', async t => {
  const { played, stands, scored } = await driven(t)
  played('s', NOON)
  stands(NOON, ['a', 'b', 'c'], ['s'])
  played('b', NOON + MINUTE)
  t.same(await scored(), [['session', 1, [[2, 1]]]])
  played('a', NOON + 2 * MINUTE)
  t.same(await scored(), [], 'the list is used up')
  stands(NOON + 2 * MINUTE, ['x'], ['a', 'b', 's'])
  played('c', NOON + 3 * MINUTE)
  t.same(await scored(), [['session', 2, [[2, 1]]]], 'a miss')
})

t.test('what is not scored', async t => {
  const cases: [what: string, run: (world: Awaited<ReturnType<typeof driven>>) => void][] = [
    ['no list stood', ({ played }) => void played('a', NOON)],
    [
      'the session was over',
      ({ played, stands }) => {
        stands(NOON, ['a'])
        played('a', NOON + HOUR + 1)
      }
    ],
    [
      'the track was in the session already',
      ({ played, stands }) => {
        stands(NOON, ['b'], ['a'])
        played('a', NOON + MINUTE)
      }
    ],
    [
      'the play was known before the list was made',
      ({ played, stands }) => {
        stands(NOON, ['a'], [], NOON + 2 * MINUTE)
        played('a', NOON + MINUTE, NOON + MINUTE)
      }
    ],
    [
      'the play came late: it began before the one that the list follows',
      ({ played, stands }) => {
        stands(NOON, ['a'])
        played('a', NOON - MINUTE, NOON + MINUTE)
      }
    ],
    [
      'a skip',
      ({ played, stands }) => {
        stands(NOON, ['a'])
        played('a', NOON + MINUTE, NOON + MINUTE, { ms_played: 29_999 })
      }
    ],
    [
      'another listener',
      ({ stands, driver }) => {
        stands(NOON, ['a'])
        driver.pipe('spotify-plays', 'v', play({ user_id: 'v', track_id: 'a', occurred_at: NOON + MINUTE }), NOON + MINUTE)
      }
    ],
    [
      'a listener who was erased',
      ({ played, stands, driver }) => {
        stands(NOON, ['a'])
        driver.pipe('erasures', 'u', { user_id: 'u', requested_at: NOON, days: [] }, NOON + 1)
        played('a', NOON + MINUTE)
      }
    ]
  ]
  for (const [what, run] of cases) {
    const world = await driven(t)
    run(world)
    t.same(await world.scored(), [], what)
  }
})

t.test('the last list that follows a play stands; a duplicate of the play changes nothing', async t => {
  const { played, stands, scored } = await driven(t)
  stands(NOON, ['a', 'b'])
  stands(NOON, ['b', 'a'], [], NOON + 1)
  stands(NOON - MINUTE, ['z'], [], NOON + 2)
  played('b', NOON + MINUTE)
  stands(NOON + MINUTE, ['b'], [])
  // The same play, from a topic that stands before the first one's record: retracted, and counted again.
  played('b', NOON + MINUTE, NOON + 2 * MINUTE, { event_id: 'again' })
  played('c', NOON + 2 * MINUTE)
  t.same(await scored(), [['session', 2, [[1, 1]]]])
})

t.test('plays of one commit that are hours and days apart', async t => {
  const { played, stands, driver } = await driven(t)
  const days = [0, 1, 2, 9]
  for (const day of days) {
    const at = NOON + day * 24 * HOUR
    stands(at, ['a'])
    played('a', at + 6 * MINUTE)
    stands(at + 6 * MINUTE, ['x'])
    played('b', at + 12 * MINUTE)
  }
  await driver.commit()
  const rows = lastOf<Quality>(driver, 'recommendation-quality')
  const bySpan = (span: string) => [...rows.values()].filter(row => row.span === span)
  t.match(bySpan('all'), [{ plays: 8, ranks: [4, 0, 0, 0, 0, 0, 0, 0, 0, 0], start: 0 }])
  t.same(
    bySpan('hour').map(({ start, plays }) => [start, plays]),
    [0, 1, 9].map(day => [NOON + day * 24 * HOUR, 2]),
    "the slot of the third day is the tenth's by now"
  )
  t.same(
    bySpan('minutes').map(({ start, plays }) => [start, plays]),
    [
      [NOON + 9 * 24 * HOUR + 5 * MINUTE, 1],
      [NOON + 9 * 24 * HOUR + 10 * MINUTE, 1]
    ]
  )
})

t.test('what listeners were given, and what they said of it, each thing once', async t => {
  const { driver } = await driven(t)
  let time = NOON
  const exposure = (recommendation_id: string, more: Partial<Exposure> = {}) => {
    const value = {
      recommendation_id,
      user_id: 'u',
      made_at: NOON,
      strategy: 'session',
      experiment: 'e',
      track_id: 's',
      tracks: ['a', 'b'],
      fallback: null,
      ...more
    }
    driver.pipe('recommendation-exposures', value.user_id, value, time++)
  }
  const said = (recommendation_id: string, track_id: string, action: Feedback['action'], user_id = 'u') =>
    driver.pipe('recommendation-feedback', user_id, { recommendation_id, user_id, track_id, action, given_at: NOON }, time++)
  const counts = async () => {
    await driver.commit()
    return lastOf<ExperimentCounts>(driver, 'experiment-counts')
  }
  exposure('1')
  exposure('1')
  exposure('2', { strategy: 'baseline', tracks: ['c'] })
  exposure('3', { experiment: null })
  for (const _ of [1, 2]) said('1', 'a', 'played')
  said('1', 'a', 'liked')
  said('1', 'b', 'skipped')
  said('1', 'c', 'played')
  said('2', 'c', 'skipped')
  said('9', 'a', 'played')
  said('3', 'a', 'liked', 'v')
  const rows = [...(await counts()).values()].map(({ shard: _, ...row }) => row)
  t.same(rows, [
    { experiment: 'e', strategy: 'session', lists: 1, tracks: 2, played: 1, skipped: 1, liked: 1 },
    { experiment: 'e', strategy: 'baseline', lists: 1, tracks: 1, played: 0, skipped: 1, liked: 0 },
    { experiment: null, strategy: 'session', lists: 1, tracks: 2, played: 0, skipped: 0, liked: 0 }
  ])
  for (let i = 0; i < REMEMBERED; i++) exposure(`4${String(i).padStart(3, '0')}`)
  said('1', 'b', 'liked')
  said('4000', 'b', 'liked')
  t.match([...(await counts()).values()], [{ lists: 1 + REMEMBERED, liked: 2 }], 'the oldest is forgotten')
  said('', '', 'erased')
  said('4001', 'b', 'liked')
  t.equal((await counts()).size, 0, 'and all of them with the listener')
})
