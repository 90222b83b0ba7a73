import fc from 'fast-check'
import t from 'tap'
import { userDayKey } from '../../schemas/catalogue.js'
import { change, like, play, skip } from './events.js'
import { DAY, HOUR, Listeners, NOON } from './harness.js'

const day = (time: number) => new Date(time).toISOString().slice(0, 10)
const ofListeners = ['user-sessions', 'artist-affinity', 'user-days', 'listener-profiles', 'now-playing'] as const

interface Did {
  readonly user: 'ann' | 'bob'
  readonly hours: number
  readonly track: string
  readonly what: 'play' | 'skip' | 'like'
}

const did: fc.Arbitrary<Did> = fc.record({
  user: fc.constantFrom('ann' as const, 'bob' as const),
  hours: fc.integer({ min: 0, max: 72 }),
  track: fc.constantFrom('a', 'b', 'c'),
  what: fc.constantFrom('play' as const, 'skip' as const, 'like' as const)
})

function pipe(listeners: Listeners, { user, hours, track, what }: Did): void {
  const fields = { user_id: user, track_id: track, artist_id: `by ${track}`, occurred_at: NOON - DAY * 3 + hours * HOUR, country: 'DE' }
  if (what === 'play') listeners.pipe('spotify-plays', play(fields))
  else if (what === 'skip') listeners.pipe('spotify-skips', skip(fields))
  else listeners.pipe('spotify-likes', like(fields))
}

const days = [0, 1, 2, 3].map(i => day(NOON - i * DAY))
const erase = (listeners: Listeners, user: string) => listeners.pipe('erasures', { user_id: user, requested_at: NOON, days })

/** All that is published under a listener's id. */
const published = (listeners: Listeners, user: string) =>
  ofListeners.map(topic =>
    [...listeners.table(topic)].filter(([key]) => key === user || key.startsWith(`${user}|`)).sort(([a], [b]) => (a < b ? -1 : 1))
  )

t.test('nothing is left under the id, in topics and in stores', async t => {
  const listeners = new Listeners()
  for (const hours of [0, 1, 30]) pipe(listeners, { user: 'ann', hours, track: 'a', what: 'play' })
  pipe(listeners, { user: 'ann', hours: 31, track: 'b', what: 'like' })
  listeners.pipe('spotify-events', change({ user_id: 'ann', event_type: 'resume' }))
  listeners.commit()
  t.equal(published(listeners, 'ann').flat().length, 6)
  erase(listeners, 'ann')
  listeners.commit()
  t.strictSame(published(listeners, 'ann').flat(), [])
  t.strictSame([...listeners.store('listening-history').values.keys()], [])
  const tombstones = ofListeners.flatMap(topic => listeners.to(topic).filter(({ value }) => value === null))
  t.ok(tombstones.some(({ key }) => key === userDayKey('ann', day(NOON - 2 * DAY))))
  listeners.restart()
  listeners.advance(NOON + DAY)
  listeners.commit()
  t.strictSame(published(listeners, 'ann').flat(), [], 'and it stays away')
})

t.test('an unknown listener, and one twice', async t => {
  const listeners = new Listeners()
  erase(listeners, 'nobody')
  listeners.commit()
  erase(listeners, 'nobody')
  listeners.commit()
  t.strictSame(published(listeners, 'nobody').flat(), [])
})

t.test('whatever came before and comes after: the other is untouched, and the erased one begins anew', async () => {
  const history = fc.array(did, { maxLength: 25 })
  fc.assert(
    fc.property(history, history, fc.boolean(), (before, after, commits) => {
      const [erased, other, fresh] = [new Listeners(), new Listeners(), new Listeners()]
      for (const one of before) {
        pipe(erased, one)
        if (one.user === 'bob') pipe(other, one)
      }
      if (commits) erased.commit()
      erase(erased, 'ann')
      if (commits) erased.commit()
      // What goes on in sessions is found again after a restart.
      if (commits) erased.restart()
      for (const one of after) {
        pipe(erased, one)
        pipe(one.user === 'bob' ? other : fresh, one)
      }
      for (const listeners of [erased, other, fresh]) listeners.commit()
      return (
        JSON.stringify(published(erased, 'bob')) === JSON.stringify(published(other, 'bob')) &&
        JSON.stringify(published(erased, 'ann')) === JSON.stringify(published(fresh, 'ann'))
      )
    })
  )
})

t.test('replayed from the changelog: still forgotten', async t => {
  const listeners = new Listeners()
  pipe(listeners, { user: 'ann', hours: 1, track: 'a', what: 'play' })
  erase(listeners, 'ann')
  pipe(listeners, { user: 'ann', hours: 2, track: 'b', what: 'play' })
  listeners.commit()
  const before = published(listeners, 'ann')
  for (const from of ['operands', 'values'] as const) {
    for (const name of ['affinity', 'user-days', 'listener-profiles']) {
      const store = listeners.stores.get(name)
      if (store !== undefined && 'restore' in store) store.restore(from)
    }
    listeners.restart()
    pipe(listeners, { user: 'ann', hours: 2, track: 'b', what: 'play' })
    listeners.commit()
    t.strictSame(published(listeners, 'ann'), before, from)
  }
})
