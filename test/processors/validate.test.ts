import t from 'tap'
import { rejectionOf, type SourceEvent } from '../../processors/clean/validate.js'
import { change, play } from './events.js'
import { DAY, NOON } from './harness.js'

const codeOf = (event: SourceEvent, artistId = 'a'): string | undefined => rejectionOf(event, artistId, NOON)?.code
const MINUTE = 60_000

t.test('an event with nothing wrong is accepted', async t => {
  t.equal(rejectionOf(play({ duration_ms: 1, ms_played: 0, track_name: '', artist_name: '' }), 'a', NOON), undefined)
})

t.test('MISSING_FIELD: an empty id', async t => {
  for (const field of ['user_id', 'track_id', 'event_id'] as const) {
    t.same(rejectionOf(play({ [field]: '' }), 'a', NOON), { code: 'MISSING_FIELD', reason: `${field} is empty.` })
  }
  t.equal(codeOf(play(), ''), 'MISSING_FIELD')
})

t.test('BAD_ID: over 128 bytes of UTF-8, or control characters', async t => {
  const right = ['x'.repeat(128), 'é'.repeat(64), '€'.repeat(42), '\u{1f3b5}'.repeat(32), ' ', '\u0080', '~', `${'x'.repeat(125)}€`]
  const wrong = [
    'x'.repeat(129),
    'é'.repeat(65),
    '€'.repeat(43),
    `${'\u{1f3b5}'.repeat(32)}x`,
    'a\u0000',
    '\u001f',
    'a\u007fb',
    `${'x'.repeat(126)}€`
  ]
  for (const field of ['user_id', 'track_id', 'event_id'] as const) {
    for (const id of right) t.equal(codeOf(play({ [field]: id })), undefined, `${field} ${id}`)
    for (const id of wrong) t.equal(codeOf(play({ [field]: id })), 'BAD_ID', `${field} ${id}`)
  }
  t.equal(codeOf(play(), 'a'.repeat(129)), 'BAD_ID')
  t.match(rejectionOf(play({ track_id: 'a\u0007' }), 'a', NOON)?.reason, 'track_id has the control character U+0007.')
})

t.test('BAD_TIME: before 2006, or more than 10 minutes after the record time', async t => {
  t.equal(codeOf(play({ occurred_at: Date.UTC(2006, 0, 1) })), undefined)
  t.equal(codeOf(play({ occurred_at: Date.UTC(2006, 0, 1) - 1 })), 'BAD_TIME')
  t.equal(codeOf(play({ occurred_at: -1 })), 'BAD_TIME')
  t.equal(codeOf(play({ occurred_at: NOON + 10 * MINUTE })), undefined)
  t.equal(codeOf(play({ occurred_at: NOON + 10 * MINUTE + 1 })), 'BAD_TIME')
  t.equal(codeOf(play({ occurred_at: Number.MAX_SAFE_INTEGER })), 'BAD_TIME', 'a time that no calendar has')
})

t.test('BAD_DURATION: what can not have been listened to', async t => {
  for (const duration_ms of [0, -1, DAY + 1]) t.equal(codeOf(play({ duration_ms })), 'BAD_DURATION')
  for (const ms_played of [-1, DAY + 1]) t.equal(codeOf(play({ ms_played })), 'BAD_DURATION')
  t.equal(codeOf(play({ duration_ms: DAY, ms_played: DAY })), undefined)
})

t.test('BAD_TYPE: the default symbol', async t => {
  t.equal(codeOf(change({ event_type: 'unknown' })), 'BAD_TYPE')
  t.equal(codeOf(change({ event_type: 'other' })), undefined)
})

t.test('the checks run in order, each over all fields', async t => {
  const faults: [code: string, fields: Partial<Parameters<typeof change>[0]>][] = [
    ['MISSING_FIELD', { event_id: '' }],
    ['BAD_ID', { user_id: '\u0001' }],
    ['BAD_TIME', { occurred_at: 0 }],
    ['BAD_DURATION', { ms_played: -1 }],
    ['BAD_TYPE', { event_type: 'unknown' }]
  ]
  for (let first = 0; first < faults.length; first++) {
    const fields = Object.assign({}, ...faults.slice(first).map(([, fault]) => fault))
    t.equal(codeOf(change(fields)), faults[first]![0])
  }
})
