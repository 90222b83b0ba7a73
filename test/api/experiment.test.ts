import t from 'tap'
import { type Told, timeId, timeOfId } from '../../api/exposures.js'
import { variantOf } from '../../api/recommend/experiment.js'
import type { Recommendations } from '../../api/schemas/recommendations.js'
import { ConfigError, readConfig } from '../../config.js'
import { guarded } from './auth-support.js'
import { facts, fixture, MINUTE, NOW } from './support.js'

const experiment = {
  name: 'ranking',
  variants: [
    { strategy: 'session', weight: 3 },
    { strategy: 'baseline', weight: 1 }
  ]
} as const

t.test('listeners are divided by their ids, in proportion, and for each experiment anew', async t => {
  const users = Array.from({ length: 20_000 }, (_, i) => `user-${i}`)
  const chosen = users.map(user => variantOf(experiment, user))
  const share = chosen.filter(variant => variant === 'session').length / users.length
  t.ok(Math.abs(share - 0.75) < 0.015, `${share} of them, five standard deviations at most from 3/4`)
  t.same(
    users.map(user => variantOf(experiment, user)),
    chosen
  )
  const other = users.map(user => variantOf({ ...experiment, name: 'another' }, user))
  const both = other.filter((variant, i) => variant === 'session' && chosen[i] === 'session').length / users.length
  t.ok(Math.abs(both - 0.75 * 0.75) < 0.02, `independent of the other: ${both}`)
})

t.test('an answer says its variant, and is exposed once', async t => {
  const { told, sink } = facts()
  const { app, view } = await fixture({ experiment, facts: sink })
  view.list('s', 4, 4, [['n', 2, 2]])
  const users = Array.from({ length: 40 }, (_, i) => `u${i}`)
  for (const user of users) view.session(user, NOW - MINUTE, [['s', 'S']])
  const get = async (url: string) => (await app.inject(url)).json<Recommendations>()
  const seen = new Set<string>()
  for (const user of users) {
    const answer = await get(`/v1/recommendations?user_id=${user}`)
    const variant = variantOf(experiment, user)
    seen.add(variant)
    t.match(answer, { strategy: variant, experiment: { name: 'ranking', variant } })
    t.equal(timeOfId(answer.recommendation_id!), NOW)
    t.same(told.splice(0), [
      {
        topic: 'recommendation-exposures',
        value: {
          ...{ recommendation_id: answer.recommendation_id, user_id: user, made_at: NOW, strategy: variant, experiment: 'ranking' },
          ...{ track_id: 's', tracks: ['n'], fallback: null }
        }
      }
    ])
    const again = await get(`/v1/recommendations?user_id=${user}`)
    t.match(again, { cache_hit: true, recommendation_id: answer.recommendation_id, experiment: { variant } })
  }
  t.same([...seen].sort(), ['baseline', 'session'])
  t.match(await get('/v1/recommendations?user_id=u0&strategy=baseline'), { strategy: 'baseline', experiment: null }, 'asked for')
  t.match(told.splice(0), [{ value: { experiment: null } }])
  t.match(await get('/v1/recommendations/s'), { strategy: 'session', experiment: null, recommendation_id: null }, 'nobody')
  t.match(await get('/v1/recommendations?user_id=u0&at=2026-01-31T17:05:00Z'), { recommendation_id: null })
  t.same(told, [], 'nobody was given anything')
})

t.test('configured at the start, or refused with a sentence', async t => {
  const read = (SEGUE_EXPERIMENT: string) => readConfig({ SEGUE_EXPERIMENT }).recommendations.experiment
  t.equal(read(''), undefined)
  t.same(read(' ranking:session=90, baseline=10 '), {
    name: 'ranking',
    variants: [
      { strategy: 'session', weight: 90 },
      { strategy: 'baseline', weight: 10 }
    ]
  })
  for (const wrong of [
    'ranking',
    'ranking:',
    ':session=1,baseline=1',
    'a b:session=1,baseline=1',
    'r:session=1',
    'r:session=1,session=2',
    'r:session=1,baseline=1,session=1',
    'r:session=0,baseline=1',
    'r:session=-1,baseline=1',
    'r:session=1e3,baseline=1',
    'r:session=,baseline=1',
    'r:session=9999999,baseline=1',
    'r:popular=1,baseline=1',
    'r:session=1:baseline=1'
  ])
    t.throws(() => read(wrong), new ConfigError(), wrong)
  t.throws(() => read('r:popular=1'), {
    message: /SEGUE_EXPERIMENT is "r:popular=1": each variant is one of session, baseline; give NAME:/
  })
})

t.test('ids that begin with their time', async t => {
  const ids = [1, 1_000, NOW, NOW + 1, 2 ** 45].map(timeId)
  t.same(ids, [...ids].sort())
  for (const id of ids) t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.same(ids.map(timeOfId), [1, 1_000, NOW, NOW + 1, 2 ** 45])
  t.equal(new Set(Array.from({ length: 1000 }, () => timeId(NOW))).size, 1000)
})

t.test('feedback: to its own topic; a like is a like, too, and only that', async t => {
  const { told, sink } = facts()
  const { app, view, produced } = await fixture({ facts: sink })
  view.track('n', 'A')
  view.artist('A')
  const recommendation_id = timeId(NOW - 5 * MINUTE)
  const send = (action: string, more: object = {}) =>
    app.inject({ method: 'POST', url: '/v1/feedback', payload: { recommendation_id, track_id: 'n', action, user_id: 'u', ...more } })
  for (const action of ['played', 'skipped', 'liked', 'liked']) t.equal((await send(action)).statusCode, 204)
  const value = (action: string): Told['value'] =>
    ({ recommendation_id, user_id: 'u', track_id: 'n', action, given_at: NOW }) as Told['value']
  t.same(
    told,
    ['played', 'skipped', 'liked', 'liked'].map(action => ({ topic: 'recommendation-feedback', value: value(action) }))
  )
  t.equal(produced.length, 2)
  t.same(produced[0], produced[1], 'sent again, it is the same event')
  t.match(produced[0], {
    topic: 'spotify-likes',
    event: {
      user_id: 'u',
      track_id: 'n',
      artist_id: 'A',
      track_name: 'Name of n',
      liked: true,
      occurred_at: NOW - 5 * MINUTE,
      source: 'feedback'
    }
  })
  for (const [more, status, field] of [
    [{ recommendation_id: timeId(NOW + 2 * MINUTE) }, 400, 'recommendation_id'],
    [{ recommendation_id: timeId(NOW - 8 * 86_400_000) }, 400, 'recommendation_id'],
    [{ recommendation_id: 'not-an-id' }, 400, 'recommendation_id'],
    [{ action: 'loved' }, 400, 'action'],
    [{ action: 'erased' }, 400, 'action'],
    [{ track_id: '' }, 400, 'track_id'],
    [{ user_id: undefined }, 400, 'user_id']
  ] as const) {
    const response = await send('played', more)
    t.match([response.statusCode, response.json()], [status, { errors: [{ field }] }], JSON.stringify(more))
  }
  t.equal((await send('liked', { track_id: 'nope' })).statusCode, 404)
  t.equal(told.length, 4)
})

t.test('feedback is one’s own, and from this machine where nobody signs in', async t => {
  const { told, sink } = facts()
  const { app, as } = await guarded(t, { facts: sink })
  const payload = { recommendation_id: timeId(NOW), track_id: 'a', action: 'played' }
  const send = (headers: object, more: object = {}) =>
    app.inject({ method: 'POST', url: '/v1/feedback', payload: { ...payload, ...more }, headers: headers as Record<string, string> })
  t.equal((await send(as('mallory', 'listener'))).statusCode, 204)
  t.match(told, [{ value: { user_id: 'mallory' } }])
  t.equal((await send(as('mallory', 'listener'), { user_id: 'ann' })).statusCode, 403)
  t.equal((await send(as('boss', 'admin'), { user_id: 'ann' })).statusCode, 204)
  t.equal((await send(as('collector', 'ingest'))).statusCode, 403)
  t.same(
    told.map(({ value }) => value.user_id),
    ['mallory', 'ann']
  )
  const open = await fixture({ facts: sink })
  const foreign = await open.app.inject({
    method: 'POST',
    url: '/v1/feedback',
    payload: { ...payload, user_id: 'u' },
    headers: { host: 'evil.example' }
  })
  t.equal(foreign.statusCode, 403)
})

t.test('clearing the cache: admins, and how many there were', async t => {
  const { app, as } = await guarded(t)
  const ann = as('ann', 'listener')
  const ask = async () => (await app.inject({ url: '/v1/recommendations', headers: ann })).json<Recommendations>().cache_hit
  const clear = (headers: { authorization: string }) => app.inject({ method: 'POST', url: '/v1/cache/clear', headers })
  t.same([await ask(), await ask()], [false, true])
  t.equal((await clear(ann)).statusCode, 403)
  t.same((await clear(as('boss', 'admin'))).json(), { cleared: 1 })
  t.same([await ask(), await ask()], [false, true])
  t.equal(
    (await app.inject({ method: 'POST', url: '/cache/clear', headers: as('boss', 'admin') })).statusCode,
    200,
    'by the path from before'
  )
})
