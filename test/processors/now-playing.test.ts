import fc from 'fast-check'
import t from 'tap'
import { change, play } from './events.js'
import { Listeners, NOON } from './harness.js'

const MINUTE = 60_000

t.test('the latest change of the player that is neither play nor skip', async t => {
  const listeners = new Listeners()
  const shown = () => listeners.table('now-playing').get('u')
  listeners.pipe('spotify-plays', play({ occurred_at: NOON + 10 * MINUTE }))
  listeners.pipe('spotify-events', change({ event_type: 'skip', occurred_at: NOON + 11 * MINUTE }))
  listeners.commit()
  t.equal(shown(), undefined)
  listeners.pipe('spotify-events', change({ event_type: 'other', track_id: 'b', occurred_at: NOON, duration_ms: 5_000, country: 'NO' }))
  listeners.commit()
  t.strictSame(shown(), {
    ...{ user_id: 'u', track_id: 'b', track_name: 'T', artist_id: 'a', artist_name: 'A' },
    ...{ since: NOON, duration_ms: 5_000, paused: false, country: 'NO' }
  })
  listeners.pipe('spotify-events', change({ event_type: 'pause', track_id: 'b', occurred_at: NOON + MINUTE }))
  listeners.pipe('spotify-events', change({ event_type: 'seek', track_id: 'late', occurred_at: NOON - MINUTE }))
  listeners.commit()
  t.match(shown(), { track_id: 'b', paused: true, since: NOON + MINUTE }, 'what comes late changes nothing')
  listeners.restart()
  listeners.pipe('spotify-events', change({ event_type: 'resume', track_id: 'c', occurred_at: NOON }))
  listeners.commit()
  t.match(shown(), { track_id: 'b' }, 'nor after a restart')
})

t.test('in any order of arrival', async () => {
  const changes = fc.uniqueArray(
    fc.record({ track: fc.constantFrom('a', 'b', 'ä'), minute: fc.nat(3), type: fc.constantFrom('pause' as const, 'resume' as const) }),
    { selector: ({ track, minute, type }) => `${track} ${minute} ${type}`, minLength: 1, maxLength: 8 }
  )
  const last = (order: readonly { track: string; minute: number; type: 'pause' | 'resume' }[]) => {
    const listeners = new Listeners()
    for (const { track, minute, type } of order)
      listeners.pipe('spotify-events', change({ event_type: type, track_id: track, occurred_at: NOON + minute * MINUTE }))
    listeners.commit()
    return listeners.table('now-playing').get('u')
  }
  const orders = changes.chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })))
  fc.assert(fc.property(orders, ([one, other]) => JSON.stringify(last(one)) === JSON.stringify(last(other))))
})
