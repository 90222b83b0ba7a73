import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { readConfig } from '../../config.js'
import { startSegue } from '../../main.js'
import { CLIENT_ID, FakeSpotify } from '../spotify/fake.js'
import { track } from '../spotify/support.js'
import { segue, temporary } from './run.js'

/** Until it holds; the test's own time limit ends a wait in vain. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(50)
  }
}

t.test('connect an account in the browser, play, skip, like: it is in the answers', async t => {
  const spotify = await FakeSpotify.listen()
  t.teardown(() => spotify.close())
  const SEGUE_DATA_DIR = temporary(t)
  const environment = {
    SEGUE_DATA_DIR,
    PORT: '0',
    SEGUE_SIMULATOR: 'off',
    LOG_LEVEL: 'silent',
    SPOTIFY_CLIENT_ID: CLIENT_ID,
    SPOTIFY_API_URL: spotify.url,
    SPOTIFY_ACCOUNTS_URL: spotify.url,
    SPOTIFY_POLL_INTERVAL_MS: '1000'
  }
  const running = await startSegue(readConfig(environment))
  let closed = false
  const close = async () => {
    if (!closed) await running.close()
    closed = true
  }
  t.teardown(close)
  const listener = spotify.listener('ann')
  listener.recent.push({ playedAt: Date.now() - 600_000, track: track('earlier') })
  // Before the account is connected: the first look at it sees this one.
  listener.play(track('first'))
  listener.seek(60_000)

  const away = await fetch(`${running.url}/spotify/connect`, { redirect: 'manual' })
  t.equal(away.status, 302)
  const cookie = away.headers.get('set-cookie')!.split(';')[0]!
  const back = new URL(spotify.consent(away.headers.get('location')!, 'ann'))
  const way = `${running.url}${back.pathname}${back.search}`
  t.equal((await fetch(way, { redirect: 'manual' })).status, 400, 'not from another browser')
  t.equal((await fetch(way, { redirect: 'manual', headers: { cookie } })).status, 302)
  t.equal((await fetch(way, { redirect: 'manual', headers: { cookie } })).status, 400, 'not twice')

  await until(async () => (spotify.count('/v1/me/tracks') > 0 ? true : undefined))
  listener.play(track('second'))
  const session = await until(async () => {
    const answer = await fetch(`${running.url}/users/ann/session`)
    const body = answer.ok ? ((await answer.json()) as { tracks: { track_id: string }[] }) : { tracks: [] }
    return body.tracks.length === 2 ? body : undefined
  })
  t.strictSame(
    session.tracks.map(({ track_id }) => track_id),
    ['first', 'earlier'],
    'polled and backfilled'
  )
  const status = await segue(['spotify', 'status'], environment)
  t.match(status, { code: 0, stdout: /^ann \(Listener ann\): connected\n {2}the consent of .* ends on / }, status.stderr)
  const taken = await segue(['spotify', 'backfill'], environment)
  t.match(taken, { code: 1, stderr: /segue start/ }, 'the running instance has the tokens')
  await close()
  const backfilled = await segue(['spotify', 'backfill'], environment)
  t.match(backfilled, { code: 0, stdout: /^ann: 0 published, 2 known\.$/m }, backfilled.stderr)
  t.match(await segue(['spotify', 'disconnect', '--user', 'ann'], environment), { code: 0 })
  t.match((await segue(['spotify', 'status'], environment)).stdout, /No account is connected/)
})

t.test('settings that would leak a token or that Spotify refuses', async t => {
  const { code, stderr } = await segue(['spotify', 'status'], {
    SPOTIFY_CLIENT_ID: 'x',
    SPOTIFY_API_URL: 'http://api.example',
    SPOTIFY_REDIRECT_URI: 'http://localhost:3000/spotify/callback'
  })
  t.equal(code, 1)
  t.match(stderr, /SPOTIFY_API_URL is "http:\/\/api\.example": give an https address/)
  t.match(stderr, /SPOTIFY_REDIRECT_URI names localhost, which Spotify refuses/)
  t.match((await segue(['spotify', 'status'], { SPOTIFY_CLIENT_ID: '' })).stderr, /No Spotify app is set up/)
})
