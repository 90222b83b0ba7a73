import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { artistListenerKey, sharedKey } from '../../schemas/catalogue.js'
import type { Sharing } from '../../schemas/events.js'
import { anySteps, run } from './any-steps.js'
import { like, play, skip } from './events.js'
import { DAY, Listeners, NOON } from './harness.js'

/** The index straight from the published affinities. */
function naiveIndex(listeners: Listeners): Map<string, unknown> {
  const index = new Map<string, unknown>()
  for (const [user_id, { artists }] of listeners.table('artist-affinity')) {
    const length = Math.hypot(...artists.map(({ a }) => Math.max(0, a)))
    for (const { artist_id, a } of artists.slice(0, 4)) {
      if (a <= 0) continue
      const step = Math.min(7, Math.floor((1 - a / length) * 8))
      index.set(artistListenerKey(artist_id, step, user_id), { artist_id, user_id, step })
    }
  }
  return index
}

const sorted = (map: Map<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

t.test('in any order of arrival the index is that of the affinities', async t => {
  fc.assert(
    fc.property(anySteps, steps => {
      const { listeners } = run(steps)
      assert.deepEqual(sorted(listeners.table('artist-listeners')), sorted(naiveIndex(listeners)))
    }),
    { numRuns: 100 }
  )
  t.pass()
})

t.test('what is not loved any more, and who is forgotten, leaves the index', async t => {
  const listeners = new Listeners()
  for (let i = 0; i < 8; i++) listeners.pipe('spotify-plays', play({ artist_id: `a${i}`, track_id: `t${i}`, occurred_at: NOON - i * DAY }))
  listeners.commit()
  t.equal(listeners.table('artist-listeners').size, 4, 'four artists at most')
  listeners.pipe('spotify-likes', like({ artist_id: 'a0', track_id: 't0', liked: false }))
  listeners.pipe('spotify-skips', skip({ artist_id: 'a1', track_id: 't9' }))
  listeners.commit()
  t.notOk([...listeners.table('artist-listeners').values()].some(({ artist_id }) => artist_id === 'a0'))
  t.strictSame(sorted(listeners.table('artist-listeners')), sorted(naiveIndex(listeners)))
  const sent = listeners.to('artist-listeners').length
  listeners.restart()
  listeners.pipe('spotify-events', { ...play(), event_type: 'pause', occurred_at: NOON + 1 })
  listeners.commit()
  t.equal(listeners.to('artist-listeners').length, sent, 'nothing is sent where nothing moved')
  listeners.pipe('erasures', { user_id: 'u', requested_at: NOON, days: [] })
  listeners.commit()
  t.equal(listeners.table('artist-listeners').size, 0)
  t.equal(listeners.store('listener-index').values.size, 0)
})

const choice = (fields: Partial<Sharing> = {}): Sharing => ({
  user_id: 'u',
  shares: true,
  alias: 'x',
  name: null,
  chosen_at: NOON,
  ...fields
})
const shown = (listeners: Listeners) => Object.fromEntries(sorted(listeners.table('shared-listeners')))

t.test('the latest choice holds in any order, and forgetting ends it', async t => {
  const choices = fc.uniqueArray(
    fc.record({
      user_id: fc.constantFrom('u', 'v'),
      shares: fc.boolean(),
      alias: fc.constantFrom('1', '2'),
      name: fc.constantFrom(null, 'N'),
      chosen_at: fc.integer({ min: 0, max: 40 })
    }),
    { selector: ({ chosen_at }) => chosen_at, maxLength: 12 }
  )
  fc.assert(
    fc.property(choices, made => {
      const listeners = new Listeners()
      for (const one of made) listeners.pipe('sharing', choice({ ...one, alias: `${one.user_id}${one.alias}` }))
      listeners.commit()
      const expected: Record<string, unknown> = {}
      for (const user_id of ['u', 'v']) {
        const last = made.filter(one => one.user_id === user_id).sort((a, b) => b.chosen_at - a.chosen_at)[0]
        if (!last?.shares) continue
        const alias = `${user_id}${last.alias}`
        for (const key of [sharedKey('user', user_id), sharedKey('alias', alias)]) expected[key] = { user_id, alias, name: last.name }
      }
      assert.deepEqual(shown(listeners), Object.fromEntries(sorted(new Map(Object.entries(expected)))))
    })
  )
  const listeners = new Listeners()
  listeners.pipe('sharing', choice({ name: 'N' }))
  listeners.commit()
  t.strictSame(Object.keys(shown(listeners)), ['alias|x', 'user|u'])
  listeners.restart()
  listeners.pipe('erasures', { user_id: 'u', requested_at: NOON, days: [] })
  listeners.pipe('erasures', { user_id: 'nobody', requested_at: NOON, days: [] })
  t.strictSame(shown(listeners), {})
  t.equal(listeners.store('listener-sharing').values.size, 0)
})

t.test('a choice without a listener or an alias is refused', async t => {
  const listeners = new Listeners()
  listeners.pipe('sharing', choice({ user_id: '' }))
  listeners.pipe('sharing', choice({ alias: '' }))
  t.match(listeners.rejected, [
    { code: 'MISSING_FIELD', reason: 'user_id is empty.' },
    { code: 'MISSING_FIELD', reason: 'alias is empty.' }
  ])
  t.strictSame(shown(listeners), {})
})
