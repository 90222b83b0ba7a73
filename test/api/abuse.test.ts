/** Callers who mean no good: too much, too deep, too slow. */
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { guarded } from './auth-support.js'

interface Problem {
  readonly status: number
  readonly detail: string
}

/** An answer that says what is wrong and nothing of the inside. */
function isProblem(t: Test, body: string, status: number, what: string): void {
  t.match(JSON.parse(body) as Problem, { status, detail: /\.$/ }, what)
  t.notMatch(body, /node_modules|\.ts:|\.js:|at \w+ \(|Error:/, what)
}
t.test('too many requests of one caller: 429, and when to come again; others are served', async t => {
  const { app, as } = await guarded(t, { limits: { ratePerMinute: 3, longestDelayMs: 0 } })
  const ann = as('ann', 'listener')
  const ask = (headers: Record<string, string>) => app.inject({ url: '/v1/me', headers })
  for (let i = 0; i < 3; i++) t.equal((await ask(ann)).statusCode, 200)
  const refused = await ask(ann)
  isProblem(t, refused.body, 429, 'the fourth')
  const wait = Number(refused.headers['retry-after'])
  t.ok(wait >= 1 && wait <= 60)
  t.equal((await ask(as('ann', 'listener'))).statusCode, 429, 'with another key, too')
  t.equal((await ask(as('mallory', 'listener'))).statusCode, 200)
})

t.test('guessing credentials is counted by address', async t => {
  const { app } = await guarded(t, { limits: { ratePerMinute: 1, longestDelayMs: 0 } })
  const codes: number[] = []
  for (let i = 0; i < 12; i++) {
    codes.push((await app.inject({ url: '/v1/me', headers: { authorization: `Bearer segue_${i}` } })).statusCode)
  }
  t.strictSame(codes, [...Array(10).fill(401), 429, 429])
  t.equal((await app.inject({ url: '/v1/me', remoteAddress: '192.0.2.7' })).statusCode, 401, 'another address')
  const spoofed = { url: '/v1/me', headers: { 'x-forwarded-for': '192.0.2.9' } }
  t.equal((await app.inject(spoofed)).statusCode, 429, 'an address is not what the caller says')
})

t.test('more than the event loop can do: 503 and Retry-After, but alive', async t => {
  const { app, as } = await guarded(t, { limits: { ratePerMinute: 0, longestDelayMs: 20 } })
  const headers = as('ann', 'listener')
  await app.ready()
  const busy = setInterval(() => {
    for (const end = performance.now() + 100; performance.now() < end; );
  }, 1)
  t.teardown(() => clearInterval(busy))
  for (;;) {
    const response = await app.inject({ url: '/v1/me', headers })
    if (response.statusCode === 200) {
      await new Promise(resolve => setTimeout(resolve, 20))
      continue
    }
    isProblem(t, response.body, 503, 'busy')
    t.equal(response.headers['retry-after'], '2')
    break
  }
  t.equal((await app.inject('/healthz')).statusCode, 200)
})

t.test('bodies: too large, too deep, poisoned, of another kind, where none is taken', async t => {
  const { app, as, produced } = await guarded(t)
  const headers = { ...as('collector', 'ingest', 'listener'), 'content-type': 'application/x-ndjson' }
  const post = (payload: string | Buffer, type = 'application/x-ndjson', url = '/v1/ingest') =>
    app.inject({ method: 'POST', url, payload, headers: { ...headers, 'content-type': type } })
  const deep = (levels: number) => `{"topic":"spotify-plays","event":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`
  const bodies: [what: string, status: number, payload: string | Buffer, type?: string, url?: string][] = [
    ['10 MB', 413, Buffer.alloc(10 * 1024 * 1024, 'x')],
    ['10 MB where none is taken', 413, Buffer.alloc(10 * 1024 * 1024, 'x'), 'text/plain', '/v1/sign-out'],
    ['deep', 400, deep(100_000)],
    ['poisoned', 400, '{"topic":"spotify-plays","event":{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}}'],
    ['a topic of the prototype', 400, '{"topic":"__proto__","event":{}}'],
    ['not UTF-8', 400, Buffer.from([0xff, 0xfe])],
    ['JSON', 415, '{}', 'application/json'],
    ['poisoned JSON', 400, '{"__proto__":{"user_id":"ann"}}', 'application/json', '/v1/sign-out'],
    ['deep JSON', 400, '['.repeat(60_000), 'application/json', '/v1/sign-out']
  ]
  for (const [what, status, payload, type, url] of bodies) isProblem(t, (await post(payload, type, url)).body, status, what)
  t.equal(({} as { admin?: unknown }).admin, undefined)
  t.strictSame(produced, [])
})

t.test('ids that mean something elsewhere mean nothing here', async t => {
  const { app, as } = await guarded(t)
  const headers = as('boss', 'admin')
  for (const id of [
    "' OR 1=1 --",
    '{"$gt":""}',
    '#{7*7}',
    '../../etc/passwd',
    '%00',
    '<script>',
    '__proto__',
    'a\r\nset-cookie: x=y',
    '\u202e',
    '*'
  ]) {
    for (const url of [
      `/v1/users/${encodeURIComponent(id)}/session`,
      `/v1/tracks/${encodeURIComponent(id)}`,
      `/v1/recommendations?user_id=${encodeURIComponent(id)}`
    ]) {
      const response = await app.inject({ url, headers })
      t.match(response.statusCode, /^(400|404)$/, url)
      isProblem(t, response.body, response.statusCode, url)
      t.equal(response.headers['set-cookie'], undefined)
    }
  }
})

t.test('slow and silent connections are ended, and nobody waits for them', async t => {
  const { app, as } = await guarded(t, { options: { headersTimeoutMs: 400, requestTimeoutMs: 800 } })
  t.teardown(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }
  const slow = await Promise.all(Array.from({ length: 200 }, open))
  const ends = slow.map(socket => text(socket).catch((error: Error) => error.message))
  for (const [i, socket] of slow.entries()) if (i % 2 === 0) socket.write('GET /v1/me HTTP/1.1\r\nHost: x\r\nX-')
  const drip = setInterval(() => {
    for (const [i, socket] of slow.entries()) if (i % 2 === 0 && socket.writable) socket.write('a')
  }, 50)
  t.teardown(() => clearInterval(drip))
  const answer = await fetch(`http://127.0.0.1:${port}/v1/me`, { headers: as('ann', 'listener') })
  t.equal(answer.status, 200, 'while they hang')
  const said = await Promise.all(ends)
  t.match(said[0], /^HTTP\/1\.1 408 |ECONNRESET|EPIPE/)
  t.equal(said.length, 200, 'all of them are over')
})

t.test('an answer that takes too long is given up', async t => {
  const { app, as, view } = await guarded(t, { options: { handlerTimeoutMs: 100 } })
  view.getMany = () => new Promise(() => {})
  view.get = () => new Promise(() => {})
  const response = await app.inject({ url: '/v1/me/session', headers: as('ann', 'listener') })
  isProblem(t, response.body, 503, 'given up')
})
