import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { consentEnds } from '../../connect/spotify/account.js'
import { AccountStore } from '../../connect/spotify/accounts.js'
import { Keyring } from '../../connect/spotify/keyring.js'
import { Bench, MINUTE, T0 } from './support.js'

/** All that is on disk, as one text. */
function onDisk(directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n')
}

t.test('the consent page is asked with PKCE, a state and no more rights than needed', async t => {
  const bench = await Bench.open(t)
  const { url, state } = bench.connector.begin()
  const { origin, pathname, searchParams } = new URL(url)
  t.equal(origin + pathname, `${bench.spotify.url}/authorize`)
  t.match(Object.fromEntries(searchParams), {
    response_type: 'code',
    client_id: 'fake-client',
    redirect_uri: 'http://127.0.0.1:3000/spotify/callback',
    code_challenge_method: 'S256',
    code_challenge: /^[A-Za-z0-9_-]{43}$/,
    state
  })
  t.notMatch(searchParams.get('scope'), /modify|email/)
  t.not(bench.connector.begin().state, state)
})

t.test('connected: tokens are sealed on disk, files are for their owner only', async t => {
  const bench = await Bench.open(t)
  bench.spotify.listener('ann').country = 'DE'
  const account = await bench.connect('ann')
  t.match(account, { userId: 'ann', spotifyId: 'ann', displayName: 'Listener ann', country: 'DE', status: 'connected', connectedAt: T0 })
  const { accessToken, refreshToken } = bench.accounts.tokens(account)
  t.match(accessToken, /^BQ/)
  t.match(refreshToken, /^AQ/)
  const disk = onDisk(bench.directory)
  t.notMatch(disk, accessToken)
  t.notMatch(disk, refreshToken)
  const [name] = readdirSync(join(bench.directory, 'accounts'))
  t.equal(statSync(join(bench.directory, 'accounts', name!, 'account.json')).mode & 0o777, 0o600)
  t.equal(new Date(consentEnds(account.connectedAt)).toISOString(), '2026-11-04T08:00:00.000Z')
})

t.test('the way back works once, within ten minutes, and only with what was begun here', async t => {
  const bench = await Bench.open(t)
  const { url } = bench.connector.begin()
  const back = new URL(bench.spotify.consent(url, 'ann')).searchParams
  const answer = { state: back.get('state')!, code: back.get('code')! }
  await t.rejects(bench.connector.complete({ ...answer, state: 'invented' }), { name: 'ConsentError' })
  t.equal((await bench.connector.complete(answer)).userId, 'ann')
  await t.rejects(bench.connector.complete(answer), { name: 'ConsentError' }, 'used')
  const late = new URL(bench.spotify.consent(bench.connector.begin().url, 'ann')).searchParams
  bench.time += 11 * MINUTE
  await t.rejects(bench.connector.complete({ state: late.get('state')!, code: late.get('code')! }), { name: 'ConsentError' })
  const denied = bench.connector.begin()
  await t.rejects(bench.connector.complete({ state: denied.state, error: 'access_denied' }), { message: /consent was not given/ })
  const foreign = bench.connector.begin()
  const other = new URL(bench.spotify.consent(bench.connector.begin().url, 'mallory')).searchParams
  await t.rejects(
    bench.connector.complete({ state: foreign.state, code: other.get('code')! }),
    { name: 'ReconnectError' },
    'a code that was given to another challenge'
  )
})

t.test('a listener may have an id of their own in Segue', async t => {
  const bench = await Bench.open(t)
  const back = new URL(bench.spotify.consent(bench.connector.begin('me').url, 'ann')).searchParams
  const account = await bench.connector.complete({ state: back.get('state')!, code: back.get('code')! })
  t.match(account, { userId: 'me', spotifyId: 'ann' })
})

t.test('an access token is renewed before it ends; a reply without a refresh token leaves the old one', async t => {
  for (const rotates of [true, false]) {
    const bench = await Bench.open(t)
    bench.spotify.rotates = rotates
    const before = bench.accounts.tokens(await bench.connect('ann'))
    bench.time += 59.5 * MINUTE
    const token = await bench.tokens.use('ann', async token => token)
    t.not(token, before.accessToken)
    const after = bench.accounts.tokens(bench.accounts.get('ann')!)
    t.equal(after.accessToken, token)
    t.equal(after.refreshToken === before.refreshToken, !rotates)
    bench.time += 60 * MINUTE
    await t.resolves(
      bench.tokens.use('ann', async () => {}),
      'and once more with what was kept'
    )
  }
})

t.test('many at once renew once', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  bench.time += 60 * MINUTE
  const before = bench.spotify.count('/api/token')
  const tokens = await Promise.all(Array.from({ length: 10 }, () => bench.tokens.use('ann', async token => token)))
  t.equal(new Set(tokens).size, 1)
  t.equal(bench.spotify.count('/api/token') - before, 1)
})

t.test('keys are changed: what the old one sealed is sealed anew', async t => {
  const bench = await Bench.open(t)
  await bench.connect('ann')
  const directory = join(bench.directory, 'accounts')
  const old = readFileSync(join(bench.directory, 'keys'), 'utf8').trim()
  const fresh = `k2:${Buffer.alloc(32, 7).toString('base64')}`
  t.equal(new AccountStore(directory, Keyring.parse(`${fresh},${old}`)).rotate(), 1)
  const after = new AccountStore(directory, Keyring.parse(fresh))
  t.match(after.tokens(after.get('ann')!), { accessToken: /^BQ/, refreshToken: /^AQ/ })
  t.equal(after.rotate(), 0)
})

t.test('a renewal that ends after the listener has connected again changes nothing', async t => {
  const bench = await Bench.open(t)
  const old = await bench.connect('ann')
  bench.time += MINUTE
  const current = await bench.connect('ann')
  bench.accounts.update(old, { status: 'reconnect', detail: 'too late' })
  t.strictSame(bench.accounts.get('ann'), current)
})
