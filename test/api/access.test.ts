/** Every route, asked by nobody, by a listener for another listener's data, and by those who may. */
import t, { type Test } from 'tap'
import { defaultOptions } from '../../api/options.js'
import { guarded } from './auth-support.js'
import { facts } from './support.js'

interface OpenApi {
  readonly paths: Record<
    string,
    Record<
      string,
      { readonly parameters?: { name: string; in: string }[]; readonly responses: Record<string, unknown>; readonly security?: unknown[] }
    >
  >
}

const PUBLIC = ['/health', '/healthz', '/readyz', '/v1/sign-in', '/v1/spotify/callback', '/v1/spotify/connect']

const consent = { begin: () => ({ url: 'https://accounts.example/authorize', state: 's' }), complete: async () => ({ userId: 'ann' }) }

async function everyRoute(t: Test) {
  const erased: string[] = []
  const shared: string[] = []
  const personalData = {
    async *export(userId: string) {
      yield JSON.stringify({ user_id: userId })
    },
    share: async ({ user_id }: { user_id: string }) => void shared.push(user_id),
    erase: async (userId: string) => void erased.push(userId)
  }
  // Its own timer keeps no process alive, and an injected request does not either.
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(alive))
  // A stream would keep the walk waiting.
  const streams = { ...defaultOptions.streams, lifeMs: 1 }
  const parts = await guarded(t, { spotify: consent, personalData, facts: facts().sink, options: { streams } })
  const { paths } = (await parts.app.inject('/openapi.json')).json<OpenApi>()
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], responses, security }]) => ({
      responses,
      security,
      path,
      method: method.toUpperCase() as 'GET' | 'POST' | 'PUT' | 'DELETE',
      namesListener: path.includes('{user_id}') || parameters.some(({ name }) => name === 'user_id'),
      /** With `user` wherever a listener can be named. */
      url: (user: string) =>
        path.replace('{user_id}', user).replace(/\{\w+\}/g, 'a') +
        (parameters.some(({ name, in: place }) => name === 'user_id' && place === 'query') ? `?user_id=${user}` : '')
    }))
  )
  return { ...parts, routes, erased, shared }
}

t.test('nobody: nothing but health and the way to sign in', async t => {
  const { app, routes } = await everyRoute(t)
  t.ok(routes.length > 20)
  for (const { path, method, url, responses, security } of routes) {
    if (PUBLIC.includes(path)) continue
    const response = await app.inject({ method, url: url('ann') })
    t.equal(response.statusCode, 401, `${method} ${path}`)
    t.ok(responses[401] && responses[403] && responses[429] && security, `${method} ${path} says so`)
    t.match(response.headers, { 'www-authenticate': 'Bearer realm="segue"', 'content-type': /problem\+json/ })
  }
  const open = routes.filter(({ path }) => PUBLIC.includes(path)).map(({ path }) => path)
  t.strictSame([...new Set(open)].sort(), PUBLIC)
})

t.test("another listener's data: 403 or 404 on every route that names one, by either path", async t => {
  const { app, routes, as, erased, shared } = await everyRoute(t)
  const headers = as('mallory', 'listener')
  let asked = 0
  for (const { path, method, url, namesListener } of routes) {
    if (PUBLIC.includes(path)) continue
    for (const address of [url('ann'), url('ann').replace(/^\/v1/, '')]) {
      const response = await app.inject({ method, url: address, headers, ...(method === 'PUT' && { payload: { shares: true } }) })
      if (namesListener) {
        asked++
        t.match(response.statusCode, /^(403|404)$/, `${method} ${address}`)
      }
      t.notMatch(response.body, '"user_id":"ann"', `${method} ${address}`)
    }
  }
  t.ok(asked > 8)
  t.strictSame([...new Set(erased)], ['mallory'], 'only of themselves')
  t.strictSame([...new Set(shared)], ['mallory'], 'and they choose for themselves')
})

t.test('a listener reads the music and their own data', async t => {
  const { app, as } = await everyRoute(t)
  const headers = as('mallory', 'listener')
  for (const url of [
    '/v1/me',
    '/v1/me/affinity',
    '/v1/me/session',
    '/v1/me/analytics',
    '/v1/me/similar',
    '/v1/me/sharing',
    '/v1/me/export',
    '/v1/recommendations',
    '/recommendations',
    '/v1/recommendations?user_id=mallory',
    '/v1/recommendations/a'
  ]) {
    const response = await app.inject({ url, headers })
    t.equal(response.statusCode, 200, url)
    t.match(response.json(), { user_id: 'mallory' }, url)
    t.match(response.headers, { 'cache-control': 'no-store', vary: 'authorization, cookie' })
  }
  for (const url of ['/v1/tracks/a', '/v1/charts/tracks', '/v1/leaderboards/tracks', '/v1/leaderboards/listeners', '/v1/statistics']) {
    t.equal((await app.inject({ url, headers })).statusCode, 200, url)
  }
  for (const url of ['/v1/users', '/v1/users/mallory/session', '/v1/topology', '/v1/operations/dump', '/v1/live']) {
    t.equal((await app.inject({ url, headers })).statusCode, 403, url)
  }
})

t.test('nobody is whoever they say in the query, however they say it', async t => {
  const { app, as } = await everyRoute(t)
  const headers = as('mallory', 'listener')
  for (const query of [
    'user_id=ann',
    'user_id=mallory&user_id=ann',
    'user_id=ann&user_id=mallory',
    'user_id[]=ann',
    'user%5Fid=ann',
    'user_id='
  ]) {
    const response = await app.inject({ url: `/v1/recommendations?${query}`, headers })
    t.not(response.json<{ user_id?: string }>().user_id, 'ann', query)
    t.notMatch(response.body, '"user_id":"ann"', query)
  }
  const response = await app.inject({ url: '/v1/me/session', headers: { ...headers, 'x-user-id': 'ann', 'x-forwarded-user': 'ann' } })
  t.match(response.json(), { user_id: 'mallory' })
})

t.test('admins see everybody; events need their scope', async t => {
  const { app, as, produced } = await everyRoute(t)
  const boss = as('boss', 'admin')
  for (const url of [
    '/v1/users',
    '/v1/users/ann/session',
    '/users/ann/affinity',
    '/v1/recommendations?user_id=ann',
    '/v1/topology',
    '/v1/operations/dump'
  ]) {
    t.equal((await app.inject({ url, headers: boss })).statusCode, 200, url)
  }
  const event = { event_id: 'e', user_id: 'ann', track_id: 'a', track_name: 'A', artist_name: 'A', occurred_at: 1_700_000_000_000 }
  const ingest = (headers: { authorization: string }) =>
    app.inject({
      method: 'POST',
      url: '/v1/ingest',
      headers: { ...headers, 'content-type': 'application/x-ndjson', host: 'segue.example' },
      payload: `${JSON.stringify({ topic: 'spotify-plays', event })}\n`
    })
  t.equal((await ingest(as('mallory', 'listener'))).statusCode, 403)
  t.equal(produced.length, 0)
  t.equal((await ingest(as('collector', 'ingest'))).statusCode, 200)
  t.equal(produced.length, 1)
  t.equal((await app.inject({ url: '/v1/me/session', headers: as('collector', 'ingest') })).statusCode, 403, 'and events alone')
})

t.test('without sign-in, on this machine: as before, and nobody is "me"', async t => {
  const { app } = await guarded(t, { auth: undefined as never })
  for (const url of ['/v1/users', '/users/ann/session', '/v1/recommendations?user_id=ann'])
    t.equal((await app.inject(url)).statusCode, 200, url)
  t.equal((await app.inject('/v1/me/session')).statusCode, 401)
  t.match((await app.inject('/v1/recommendations')).json(), { status: 400, errors: [{ field: 'user_id' }] })
})
