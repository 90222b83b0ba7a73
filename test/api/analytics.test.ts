import t from 'tap'
import { streaksOf } from '../../api/answers/days.js'
import { userDayKey } from '../../schemas/catalogue.js'
import { guarded } from './auth-support.js'
import { fixture, type MapView, MINUTE, NOW } from './support.js'

const DAY_MS = 86_400_000

function playedOn(view: MapView, user_id: string, ...days: string[]): void {
  for (const day of days)
    view.put('user-days', userDayKey(user_id, day), {
      user_id,
      day,
      plays: 1,
      listening_ms: 1,
      distinct_tracks: 1,
      distinct_artists: 1,
      heard: Buffer.alloc(0)
    })
}

t.test('streaks are runs of UTC days', async t => {
  const today = Date.UTC(2026, 2, 2, 23, 59)
  const cases: [string[], number, Partial<ReturnType<typeof streaksOf>>][] = [
    [[], today, { active: 0, first: null, last: null, current_streak: 0, longest_streak: 0 }],
    [['2026-03-02'], today, { active: 1, current_streak: 1, longest_streak: 1 }],
    [['2026-02-28', '2026-03-01'], today, { current_streak: 2, longest_streak: 2 }],
    [['2026-02-28', '2026-03-01'], today + DAY_MS, { current_streak: 0, longest_streak: 2 }],
    [['2024-02-27', '2024-02-28', '2024-02-29', '2024-03-01', '2026-03-02'], today, { active: 5, current_streak: 1, longest_streak: 4 }],
    [['2025-12-31', '2026-01-01', '2026-01-03'], today, { first: '2025-12-31', last: '2026-01-03', current_streak: 0, longest_streak: 2 }]
  ]
  for (const [days, now, expected] of cases) t.match(streaksOf(days, now), expected, days.join())
})

t.test('what a listener has played, with names, and a clock that can be turned', async t => {
  const findGaps = (user: string) => (user === 'u' ? [{ from: NOW - 10 * MINUTE, to: NOW - 5 * MINUTE }] : undefined)
  const { app, view } = await fixture({ findGaps })
  view.affinity('u', NOW, [['A', 1]])
  view.affinity('u|2', NOW, [['A', 1]])
  view.track('a', 'A')
  view.artist('A')
  const clock = new Array<number>(168).fill(0)
  clock[0] = 5
  clock[167] = 7
  view.profile('u', {
    plays: 12,
    listening_ms: 99_000,
    first_play_at: NOW - DAY_MS,
    clock,
    sessions: 3,
    session_ms: 1000,
    longest_session_ms: 600,
    tracks: [
      { track_id: 'a', plays: 8, first_played_at: NOW - DAY_MS },
      { track_id: 'nameless', plays: 4, first_played_at: NOW }
    ],
    artists: [{ artist_id: 'A', plays: 12, first_played_at: NOW - DAY_MS }]
  })
  playedOn(view, 'u', '2026-01-30', '2026-01-31', '2025-06-01')
  playedOn(view, 'u|2', '2026-01-29')
  const get = async (query = '') => (await app.inject(`/v1/users/u/analytics${query}`)).json()
  const answer = await get()
  t.match(answer, {
    user_id: 'u',
    plays: 12,
    listening_ms: 99_000,
    first_play_at: '2026-01-30T17:05:00.000Z',
    top_tracks: [
      { track_id: 'a', track_name: 'Name of a', artist_name: 'Name of A', plays: 8, first_played_at: '2026-01-30T17:05:00.000Z' },
      { track_id: 'nameless', track_name: 'nameless', plays: 4 }
    ],
    top_artists: [{ artist_id: 'A', artist_name: 'Name of A', plays: 12 }],
    sessions: { count: 3, average_ms: 333, longest_ms: 600 },
    days: { active: 3, first: '2025-06-01', last: '2026-01-31', current_streak: 2, longest_streak: 2 },
    gaps: [{ from: '2026-01-31T16:55:00.000Z', to: '2026-01-31T17:00:00.000Z' }]
  })
  t.strictSame([answer.clock.plays[0][0], answer.clock.plays[6][23]], [5, 7])
  const east = (await get('?utc_offset=1&limit=1')) as typeof answer
  t.strictSame([east.clock.plays[0][1], east.clock.plays[0][0], east.top_tracks.length], [5, 7, 1], 'Sunday 23:00 UTC is Monday 0:00')
  const west = (await get('?utc_offset=-1')) as typeof answer
  t.strictSame([west.clock.plays[6][23], west.clock.plays[6][22]], [5, 7])
  t.match((await app.inject('/v1/users/u%7C2/analytics')).json(), { plays: 0, top_tracks: [], days: { active: 1 }, gaps: null })
})

t.test('bad input names its field', async t => {
  const { app, as } = await guarded(t)
  for (const [query, field] of [
    ['utc_offset=15', 'utc_offset'],
    ['utc_offset=5.5', 'utc_offset'],
    ['utc_offset=east', 'utc_offset'],
    ['limit=0', 'limit']
  ] as const) {
    const response = await app.inject({ url: `/v1/me/analytics?${query}`, headers: as('ann', 'listener') })
    t.match(response.json(), { status: 400, errors: [{ field }] }, query)
  }
  t.match((await app.inject({ url: '/v1/me/analytics', headers: as('ann', 'listener') })).json(), { user_id: 'ann', gaps: null })
})
