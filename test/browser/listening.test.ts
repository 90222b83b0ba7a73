/** The whole of it, in a browser: sign in, play, skip, like; the page follows. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { readConfig } from '../../config.js'
import { startSegue } from '../../main.js'
import { freePort } from '../../tools/stack/ports.js'
import { segue, temporary } from '../product/run.js'
import type { FakeTrack } from '../spotify/bodies.js'
import { CLIENT_ID, FakeSpotify } from '../spotify/fake.js'
import { launch, noChromium } from './chromium.js'

const missing = noChromium()
const track = (id: string, artist: string): FakeTrack => ({ id, name: `Title ${id}`, artist, album: 'Album', durationMs: 200_000 })
const [first, second, third] = [track('first', 'Hollow Pines'), track('second', 'Hollow Pines'), track('third', 'Ida Bright')]

/** Others have heard something with each of them. */
const others = [first, second, third].flatMap(({ id, name, artist }, i) =>
  [0, 1, 2].flatMap(listener =>
    [
      { track_id: id, track_name: name, artist_name: artist },
      { track_id: `after-${id}`, track_name: `After ${id}`, artist_name: 'The Estuaries' }
    ].map((played, k) => {
      const occurred_at = Date.UTC(2024, 0, 1 + i, listener, k)
      return JSON.stringify({
        topic: 'spotify-plays',
        event: { event_id: `${id}-${listener}-${k}`, user_id: `other-${listener}`, ...played, occurred_at }
      })
    })
  )
)

interface Loved {
  readonly artist_id: string
  readonly artist_name: string
  readonly a: number
  readonly plays: number
}

t.test('sign in with Spotify, play, skip, like: the page follows', { skip: missing ?? false }, async t => {
  const spotify = await FakeSpotify.listen()
  t.teardown(() => spotify.close())
  const environment = {
    SEGUE_DATA_DIR: temporary(t),
    // Spotify is told the port before anybody listens on it.
    PORT: String(await freePort()),
    SEGUE_SIMULATOR: 'off',
    SEGUE_LAKE: 'off',
    LOG_LEVEL: 'silent',
    SEGUE_AUTH: 'on',
    SEGUE_ADMINS: 'ann',
    SPOTIFY_CLIENT_ID: CLIENT_ID,
    SPOTIFY_API_URL: spotify.url,
    SPOTIFY_ACCOUNTS_URL: spotify.url,
    SPOTIFY_POLL_INTERVAL_MS: '1000'
  }
  const file = join(t.testdir(), 'others.jsonl')
  writeFileSync(file, others.join('\n'))
  t.equal((await segue(['produce', file], environment)).code, 0)
  const running = await startSegue(readConfig(environment))
  t.teardown(() => running.close())
  const listener = spotify.listener('ann')
  listener.play(first)
  listener.seek(60_000)
  const browser = await launch()
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  const errors: string[] = []
  page.on('pageerror', error => errors.push(error.message))

  await page.goto(`${running.url}/`)
  await page.getByRole('link', { name: 'Sign in with Spotify' }).click()
  await page.getByRole('link', { name: 'ann' }).click()
  await page.locator('#connection[data-state=live]').waitFor()

  const current = (title: string) => page.locator('#played .current .title', { hasText: title }).waitFor()
  const next = (title: string) => page.locator('#next .title', { hasText: title }).first().waitFor()
  await page.locator('#playing button', { hasText: 'ann' }).click()
  await current('Title first')
  await next('After first')
  t.match(await page.locator('#playing .title').first().textContent(), 'Title first', 'it is shown while it plays')

  const begun = performance.now()
  listener.play(second)
  await current('Title second')
  await next('After second')
  t.comment(`the page followed after ${Math.round(performance.now() - begun)} ms, the poller looking every 1000 ms`)
  t.match(await page.locator('#played .title').allTextContents(), ['Title first', 'Title second'], 'the play before it stays')

  listener.play(third)
  await current('Title third')
  await next('After third')
  t.strictSame(await page.locator('#played .title').allTextContents(), ['Title first', 'Title third'], 'what was skipped is no play')

  listener.save(third)
  const likes = () => page.evaluate(async () => (await (await fetch('v1/me/affinity')).json()) as { artists?: Loved[] })
  let liked: Loved | undefined
  while (liked === undefined) {
    liked = (await likes()).artists?.find(({ artist_id }) => artist_id === 'artistIdaBright')
    // Saved tracks are looked at every half minute, and a caller may ask ten times a second.
    await sleep(1_000)
  }
  t.equal(liked.plays, 0, 'it has not ended yet: a like alone')
  t.ok(Math.abs(liked.a - 3) < 0.01, 'which counts three')
  t.equal(liked.artist_name, 'Ida Bright', 'and gives the artist its name')

  await page.getByRole('link', { name: 'My account' }).click()
  const panel = (name: string) => page.getByRole('region', { name, exact: true })
  await panel('What comes next').locator('.title', { hasText: 'After third' }).waitFor()
  const totals = await panel('ann').locator('.totals > div').allInnerTexts()
  for (const [name, value] of [
    ['plays', '1'],
    ['sessions', '1'],
    ['days in a row now', '1']
  ])
    t.ok(totals.includes(`${name}\n${value}`), `${name}: ${totals}`)
  t.strictSame(await panel('Tracks').locator('.title').allTextContents(), ['Title first'], 'the skip and what still plays are no plays')
  t.strictSame(await panel('Loves').locator('.title').allTextContents(), ['Ida Bright', 'Hollow Pines'])
  const hours = await panel('When').locator('td[title]').allTextContents()
  t.equal(hours.length, 7 * 24)
  t.equal(
    hours.map(Number).reduce((sum, plays) => sum + plays),
    1,
    'the hour of the one play'
  )
  listener.play(first)
  await panel('What comes next').locator('.title', { hasText: 'After first' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('Sign in to see your own').waitFor()
  t.strictSame(errors, [])
})
