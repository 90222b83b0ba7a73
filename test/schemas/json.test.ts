import t from 'tap'
import { BadEventError, fromJson, parseTime } from '../../schemas/json.js'
import { play, playbackEvent } from './samples.js'

const minimal = { event_id: 'e', user_id: 'u', track_id: 't', track_name: 'T', artist_name: 'A', occurred_at: 1_767_787_200_000 }
const nothing = {
  artist_id: null,
  album_name: null,
  duration_ms: null,
  ms_played: null,
  device_type: null,
  country: null,
  source: 'unknown'
}

t.test('whole events are taken as they are', async t => {
  t.strictSame(fromJson('spotify-plays', play), play)
  t.strictSame(fromJson('spotify-events', playbackEvent), playbackEvent)
})

t.test('defaults stand for what is absent or null; other fields are passed over', async t => {
  t.strictSame(fromJson('spotify-plays', { ...minimal, source: null, mood: 'calm' }), { ...minimal, ...nothing })
  t.strictSame(fromJson('spotify-likes', minimal), { ...minimal, ...nothing, liked: true })
  t.strictSame(fromJson('spotify-likes', { ...minimal, liked: false }).liked, false)
  t.equal(fromJson('spotify-events', { ...minimal, event_type: 'teleport' }).event_type, 'unknown')
})

t.test('names that older producers use, and times as text', async t => {
  const older = { event_id: 'e', user_id: 'u', song_id: 't', song_name: 'T', artist_name: 'A', timestamp: '2026-01-07T12:00:00' }
  t.strictSame(fromJson('spotify-skips', older), { ...minimal, ...nothing })
  const { occurred_at: _, ...rest } = minimal
  t.equal(fromJson('spotify-plays', { ...rest, played_at: '2026-01-07T13:00:00+01:00' }).occurred_at, minimal.occurred_at)
})

t.test('what is wrong is said with the name of the field', async t => {
  const wrong: [object | null, string][] = [
    [{ ...minimal, track_id: undefined }, 'track_id is missing (or song_id).'],
    [{ ...minimal, user_id: null }, 'user_id is missing.'],
    [{ ...minimal, user_id: 7 }, 'user_id is 7, not a string.'],
    [{ ...minimal, duration_ms: '213000' }, 'duration_ms is "213000", not a whole number below 2^53.'],
    [{ ...minimal, user_id: 'a\ud800' }, 'user_id is "a\\ud800", which is not valid Unicode.'],
    [
      { ...minimal, occurred_at: 'yesterday' },
      'occurred_at is "yesterday": neither milliseconds since 1970 nor a time as in 2026-01-31T17:05:00Z.'
    ],
    [null, 'The event is null, not an object.'],
    [[], 'The event is [], not an object.']
  ]
  for (const [event, message] of wrong) t.throws(() => fromJson('spotify-plays', event), new BadEventError(message))
  t.throws(() => fromJson('charts' as never, minimal), /"charts" is not an input topic/)
})

t.test('times', async t => {
  const noon = Date.UTC(2026, 0, 7, 12)
  const same = [
    '2026-01-07T12:00:00Z',
    '2026-01-07 12:00',
    '2026-01-07T12:00:00.000999',
    '2026-01-07T14:30:00+02:30',
    '2026-01-07T05:00:00-0700'
  ]
  for (const text of same) t.equal(parseTime(text), noon, text)
  t.equal(parseTime('2026-01-07T12:00:00.5Z'), noon + 500)
  t.equal(parseTime('2026-01-07'), Date.UTC(2026, 0, 7))
  for (const text of ['2026-02-30', '2026-13-01', '2026-01-07T25:00', '2026-01-07T12:00:00+24:00', '1767787200000', '', 'now']) {
    t.equal(parseTime(text), undefined, text)
  }
})
