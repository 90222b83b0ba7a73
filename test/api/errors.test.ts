import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createLogger, ListenError, startServer } from '../../api/server.js'
import { fixture, MapView, operations } from './support.js'

interface Body {
  status: number
  detail: string
  errors?: { field: string; message: string }[]
}

t.test('bad input names the field', async t => {
  const { app } = await fixture()
  const long = 'x'.repeat(129)
  const cases: [url: string, field: string][] = [
    ['/recommendations', 'user_id'],
    ['/recommendations?user_id=', 'user_id'],
    [`/recommendations?user_id=${long}`, 'user_id'],
    ['/recommendations?user_id=a%00b', 'user_id'],
    ['/recommendations?user_id=a&user_id=b', 'user_id'],
    ['/recommendations?user_id=u&limit=0', 'limit'],
    ['/recommendations?user_id=u&limit=51', 'limit'],
    ['/recommendations?user_id=u&limit=ten', 'limit'],
    ['/recommendations?user_id=u&limit=1.5', 'limit'],
    ['/recommendations?user_id=u&limit=', 'limit'],
    ['/recommendations?user_id=u&limit=1&limit=2', 'limit'],
    ['/recommendations?user_id=u&strategy=best', 'strategy'],
    ['/recommendations?user_id=u&at=yesterday', 'at'],
    ['/recommendations?user_id=u&at=2026-01-31', 'at'],
    ['/recommendations?user_id=u&at=2026-13-31T00:00:00Z', 'at'],
    [`/recommendations/${long}`, 'track_id'],
    ['/recommendations/a%0Ab', 'track_id'],
    ['/tracks/a/neighbours?limit=-1', 'limit'],
    ['/users?limit=1000000', 'limit'],
    ['/charts/tracks?window=century', 'window'],
    ['/charts/artists?country=DEU', 'country'],
    ['/charts/artists?country=1!', 'country'],
    ['/statistics?days=0', 'days']
  ]
  for (const [url, field] of cases) {
    const response = await app.inject(url)
    const body = response.json<Body>()
    t.equal(response.statusCode, 400, url)
    t.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8', url)
    t.equal(body.errors?.[0]?.field, field, url)
    t.ok(body.detail.startsWith(`${field} `) && body.detail.endsWith('.'), body.detail)
  }
  t.equal((await app.inject('/recommendations?user_id=u&limit=99')).json<Body>().detail, 'limit must be <= 50.')
  const country = (await app.inject('/charts/artists?country=DEU')).json<Body>()
  t.equal(country.detail, 'country must be a code of two letters, such as DE.')
  const text = { method: 'POST', url: '/recommendations/batch', payload: 'u', headers: { 'content-type': 'application/xml' } } as const
  t.equal((await app.inject(text)).json<Body>().detail, 'The content type is not one that this route takes: send application/json.')
  const batch = { method: 'POST', url: '/recommendations/batch', payload: { user_ids: ['u'], exlude: ['a'] } } as const
  t.equal((await app.inject(batch)).json<Body>().detail, 'exlude is not known here.', 'a slip of the pen is not passed over')
  const typed = { ...batch, payload: { user_ids: ['u'], limit: '5' } }
  t.equal((await app.inject(typed)).json<Body>().detail, 'limit must be integer.', 'what a body has of another type is not converted')
  t.equal((await app.inject('/charts/tracks?window=x')).json<Body>().detail, 'window must be one of hour, day, week, all.')
})

t.test('ids may be anything that is not a control character', async t => {
  const { app, view } = await fixture()
  const ids = [
    'a/b',
    '../..',
    '%2F',
    '100%',
    'spotify:track:1',
    'ünï',
    '😀',
    '__proto__',
    'constructor',
    'a|b',
    '*',
    'a b',
    '?x=1&y',
    '#',
    '"',
    "'; --",
    '\u2028',
    'neighbours',
    'ü'.repeat(128)
  ]
  for (const id of ids) {
    view.track(id, id)
    view.artist(id)
    view.session(id, 0, [[id, id]])
    view.list(id, 1, 1, [[`${id}2`, 1, 1]])
    const path = encodeURIComponent(id)
    for (const url of [
      `/tracks/${path}`,
      `/tracks/${path}/neighbours`,
      `/users/${path}/session`,
      `/recommendations/${path}?user_id=${path}`
    ]) {
      const response = await app.inject(url)
      t.equal(response.statusCode, 200, url)
      t.ok(response.body.includes(JSON.stringify(id)), url)
    }
  }
  t.equal((await app.inject('/users/__proto__/affinity')).statusCode, 404)
  t.equal((await app.inject('/recommendations?user_id=toString')).statusCode, 404)
})

t.test('every other error is a problem too', async t => {
  const { app } = await fixture()
  const cases: [method: 'GET' | 'POST' | 'PUT', url: string, status: number][] = [
    ['GET', '/nothing', 404],
    ['GET', '/recommendations/', 400],
    ['GET', '/recommendations/a/b', 404],
    ['PUT', '/recommendations?user_id=u', 405],
    ['GET', '/tracks/%FF', 400],
    ['GET', '/tracks/%E0%A4%A', 400],
    ['GET', `/tracks/${'x'.repeat(2000)}`, 404]
  ]
  for (const [method, url, status] of cases) {
    const response = await app.inject({ method, url })
    t.equal(response.statusCode, status, url)
    t.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8', url)
    t.equal(response.json<Body>().status, status)
    t.match(response.json<Body>().detail, /\.$/)
  }
})

t.test('a method that a path does not take', async t => {
  const { app } = await fixture()
  const cases: [method: 'GET' | 'HEAD' | 'DELETE' | 'OPTIONS' | 'TRACE', url: string, allow: string | undefined][] = [
    ['DELETE', '/v1/recommendations?user_id=u', 'GET, HEAD'],
    ['DELETE', '/recommendations', 'GET, HEAD'],
    ['OPTIONS', '/v1/tracks/a%2Fb', 'GET, HEAD'],
    ['DELETE', '/v1/recommendations/batch', 'POST'],
    ['HEAD', '/v1/live', 'GET'],
    ['GET', '/v1/radio', 'POST'],
    ['TRACE', '/health', 'GET, HEAD'],
    ['DELETE', '/v1/tracks', undefined],
    ['DELETE', '/v1/nothing', undefined],
    ['DELETE', '/v1/users//session', undefined],
    ['DELETE', '/', undefined]
  ]
  for (const [method, url, allow] of cases) {
    const response = await app.inject({ method: method as 'GET', url })
    t.equal(response.statusCode, allow === undefined ? 404 : 405, `${method} ${url}`)
    t.equal(response.headers.allow, allow, `${method} ${url}`)
    t.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8')
  }
  const payload = '{"not JSON'
  const body = await app.inject({ method: 'PATCH', url: '/v1/recommendations', payload, headers: { 'content-type': 'application/json' } })
  t.equal(body.statusCode, 405, 'what comes with it does not matter')
})

t.test('a failure inside is logged, not shown', async t => {
  const lines: string[] = []
  const logger = createLogger('info', { write: line => lines.push(line) })
  const { app, view } = await fixture({ logger })
  view.beforeRead = () => {
    throw new Error('secret detail at /some/path')
  }
  const response = await app.inject({ url: '/users/u/session?token=abc', headers: { authorization: 'Bearer abc', cookie: 'abc' } })
  t.equal(response.statusCode, 500)
  t.notMatch(response.body, /secret|stack|path|abc/)
  const logged = lines.join('')
  t.match(logged, /secret detail/)
  t.notMatch(logged, /abc/)
  const id = /as (\S+)\.$/.exec(response.json<Body>().detail)?.[1]
  t.ok(id && logged.includes(`"${id}"`), 'the log line can be found')
  logger.info({ headers: { authorization: 'Bearer abc' }, account: { password: 'abc' } }, 'hello')
  t.notMatch(lines.at(-1), /abc/)
})

t.test('what is not HTTP', async t => {
  const { app } = await fixture()
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const talk = async (request: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.end(request)
    return text(socket)
  }
  t.match(
    await talk('HELLO\r\n\r\n'),
    /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*application\/problem\+json[\s\S]*"detail":"The request is not valid HTTP\."/
  )
  t.match(await talk(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 [\s\S]*too large/)
})

t.test('a port that is taken', async t => {
  const dependencies = { view: new MapView(), operations: operations() }
  const first = await startServer(dependencies, { port: 0 })
  t.teardown(() => first.close())
  const { port, address } = first.server.address() as AddressInfo
  t.equal(address, '127.0.0.1')
  const { watchers } = dependencies.view
  await t.rejects(
    startServer(dependencies, { port }),
    new ListenError(`The port ${port} on 127.0.0.1 is in use by another program: stop that one, or choose another with --port (or PORT).`)
  )
  t.equal(dependencies.view.watchers, watchers, 'the one that failed watches nothing any more')
  await t.rejects(startServer(dependencies, { port: 0, host: '192.0.2.1' }), /does not belong to this machine/)
})

t.test('closing', async t => {
  const { app, view } = await fixture({ options: { closeGraceMs: 20 } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/healthz`)
  t.same(await response.json(), { status: 'live' })
  const idle = connect(port, '127.0.0.1')
  await once(idle, 'connect')
  const cut = once(idle, 'close')
  await app.close()
  await cut
  t.equal(view.watchers, 0)
})
