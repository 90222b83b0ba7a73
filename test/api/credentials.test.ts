/** Credentials that are not good, and how sessions and keys come and go. */

import { createHmac } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'
import t from 'tap'
import { ApiKeys } from '../../api/auth/keys.js'
import { AUDIENCE, guarded, ISSUER, issuer } from './auth-support.js'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const DAY = 86_400_000

t.test('tokens: only those of the issuer, for this service, of an allowed algorithm, and not expired', async t => {
  const { url, jwk, privateKey, sign } = await issuer(t)
  const { app } = await guarded(t, { jwksUrl: url })
  const ask = async (token: string) => (await app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${token}` } })).statusCode
  const good = await app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${await sign({ sub: 'ann' })}` } })
  t.match(good.json(), { user_id: 'ann', scopes: ['listener'], means: 'token' })
  const admin = await app.inject({
    url: '/v1/users',
    headers: { authorization: `Bearer ${await sign({ sub: 'boss', scope: 'admin other' })}` }
  })
  t.equal(admin.statusCode, 200)

  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'ann', scope: 'admin', exp: Math.floor(Date.now() / 1000) + 300 }
  const body = part(claims)
  const hmac = (head: string, secret: string) => createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')
  const hs = part({ alg: 'HS256', kid: 'k1' })
  const [head, payload, signature] = (await sign({ sub: 'ann' })).split('.')
  const bad: Record<string, string> = {
    expired: await sign({ sub: 'ann' }, { expires: '-1m' }),
    'another audience': await sign({ sub: 'ann' }, { audience: 'https://other.example' }),
    'another issuer': await sign({ sub: 'ann' }, { from: 'https://evil.example' }),
    'no subject': await sign({}),
    'an empty subject': await sign({ sub: '' }),
    'a subject with control characters': await sign({ sub: 'a\nb' }),
    'no expiry': await new SignJWT({ sub: 'ann' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .sign(privateKey),
    'algorithm none': `${part({ alg: 'none' })}.${body}.`,
    'algorithm None': `${part({ alg: 'None', kid: 'k1' })}.${body}.AA`,
    'the public key as a shared secret': `${hs}.${body}.${hmac(hs, JSON.stringify(jwk))}`,
    'an unknown key': `${part({ alg: 'ES256', kid: 'k9' })}.${payload}.${signature}`,
    'another payload': `${head}.${body}.${signature}`,
    'no signature': `${head}.${payload}.`,
    'its own key': `${part({ alg: 'ES256', jwk, jku: 'http://127.0.0.1:9/' })}.${body}.${signature}`,
    nonsense: 'nonsense',
    'too long': 'x'.repeat(9_000)
  }
  for (const [what, token] of Object.entries(bad)) t.equal(await ask(token), 401, what)
})

t.test('the issuer is out of reach: 503, not 401', async t => {
  const { sign } = await issuer(t)
  const { app } = await guarded(t, { jwksUrl: 'http://127.0.0.1:1/jwks' })
  const response = await app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${await sign({ sub: 'ann' })}` } })
  t.equal(response.statusCode, 503)
  t.notMatch(response.body, '127.0.0.1')
})

t.test('keys: kept as hashes, revoked at once, expire', async t => {
  const { app, keys, clock } = await guarded(t)
  const ask = async (key: string) => (await app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${key}` } })).statusCode
  const { id, key } = keys.create({ subject: 'ann', scopes: ['listener'], name: 'phone', expiresAt: null })
  t.equal(await ask(key), 200)
  t.notMatch(JSON.stringify(keys.list()), key.split('_').slice(2).join('_'))
  t.equal(await ask(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`), 401)
  t.equal(await ask(`segue_${id}_`), 401)
  t.equal(await ask('segue___proto___x'), 401)
  t.ok(keys.revoke(id))
  t.notOk(keys.revoke(id))
  t.equal(await ask(key), 401)
  const short = keys.create({ subject: 'ann', scopes: ['listener'], name: 'short', expiresAt: clock.now + DAY })
  t.equal(await ask(short.key), 200)
  clock.now += DAY
  t.equal(await ask(short.key), 401)
})

t.test(
  'a key that another process makes is known at once, one that it revokes is refused 50 ms later; the file is for its owner only',
  async t => {
    const file = join(t.testdir(), 'auth', 'keys.json')
    const server = new ApiKeys(file, Date.now)
    t.strictSame(server.list(), [])
    const { id, key } = new ApiKeys(file, Date.now).create({ subject: 'ann', scopes: ['ingest'], name: '-', expiresAt: null })
    t.match(server.verify(key), { subject: 'ann', means: 'key' })
    t.equal(statSync(file).mode & 0o777, 0o600)
    new ApiKeys(file, Date.now).revoke(id)
    await sleep(60)
    t.equal(server.verify(key), undefined)
  }
)

t.test('sign in with Spotify, be yourself, sign out', async t => {
  const consent = {
    begin: () => ({ url: 'https://accounts.example/authorize', state: 'the-state' }),
    complete: async () => ({ userId: 'ann' })
  }
  const { app, clock } = await guarded(t, { spotify: consent })
  const away = await app.inject('/v1/sign-in')
  t.equal(away.headers.location, 'https://accounts.example/authorize')
  t.match(away.cookies, [{ name: 'segue_consent', value: 'the-state', httpOnly: true, secure: true, sameSite: 'Lax' }])
  t.equal((await app.inject('/spotify/callback?state=the-state&code=c')).statusCode, 400, 'from a browser that did not set out')
  t.equal((await app.inject({ url: '/spotify/callback?state=other&code=c', cookies: { segue_consent: 'the-state' } })).statusCode, 400)
  const back = await app.inject({ url: '/spotify/callback?state=the-state&code=c', cookies: { segue_consent: 'the-state' } })
  t.equal(back.statusCode, 302)
  const session = back.cookies.find(({ name }) => name === 'segue_session')!
  t.match(session, { httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })
  const cookies = { segue_session: session.value }
  t.match((await app.inject({ url: '/v1/me', cookies })).json(), { user_id: 'ann', scopes: ['listener'], means: 'session' })
  t.equal((await app.inject({ url: '/v1/users', cookies })).statusCode, 403)
  t.equal((await app.inject({ url: '/v1/me', cookies, headers: { authorization: 'Bearer nonsense' } })).statusCode, 401, 'no falling back')

  const signOut = (headers: Record<string, string>) => app.inject({ method: 'POST', url: '/v1/sign-out', cookies, headers })
  t.equal((await signOut({ host: 'segue.example', origin: 'https://evil.example' })).statusCode, 403, 'not from another page')
  t.equal((await signOut({ host: 'segue.example' })).statusCode, 403)
  t.equal((await app.inject({ url: '/v1/me', cookies })).statusCode, 200)
  t.equal((await signOut({ host: 'segue.example', origin: 'https://segue.example' })).statusCode, 204)
  t.equal((await app.inject({ url: '/v1/me', cookies })).statusCode, 401)

  const again = await app.inject({ url: '/spotify/callback?state=the-state&code=c', cookies: { segue_consent: 'the-state' } })
  const second = { segue_session: again.cookies.find(({ name }) => name === 'segue_session')!.value }
  clock.now += 7 * DAY
  t.equal((await app.inject({ url: '/v1/me', cookies: second })).statusCode, 401, 'a week later')
})

t.test('an admin who signs in is one', async t => {
  const { app, sessions } = await guarded(t)
  const cookies = { segue_session: sessions.begin('boss') }
  t.equal((await app.inject({ url: '/v1/users', cookies })).statusCode, 200)
  sessions.endAll('boss')
  t.equal((await app.inject({ url: '/v1/users', cookies })).statusCode, 401)
})
