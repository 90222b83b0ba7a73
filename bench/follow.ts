import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { httpProducer } from '../connect/http-producer.js'
import { type EventProducer, newEvent } from '../connect/producer.js'
import { launch, noChromium } from '../test/browser/chromium.js'
import { CLIENT_ID, FakeSpotify } from '../test/spotify/fake.js'
import { freePort } from '../tools/stack/ports.js'
import { figure, percentiles } from './figures.js'
import { startProduct } from './product.js'
import type { Prepared } from './workload.js'

const PROBES = 100
const LOOKS = 20
const LOOK_EVERY_MS = 1_000
const LONGEST_PAUSE_MS = 800
const GOLDEN = 0.618034
const LISTENERS = ['bob', 'cyd', 'dee']
const HOUR_MS = 3_600_000
const PLAYER = '/v1/me/player/currently-playing'

/**
 * How long after a listener's track has changed the open page has painted it, and what goes well after it, while nothing else
 * happens: from an event's way over HTTP, and from the poller's look at the player.
 */
export async function follow(prepared: Prepared): Promise<void> {
  const missing = noChromium()
  if (missing !== undefined) {
    process.stdout.write(`follow: ${missing}\n`)
    return
  }
  const spotify = await FakeSpotify.listen()
  const polling = { SPOTIFY_CLIENT_ID: CLIENT_ID, SPOTIFY_API_URL: spotify.url, SPOTIFY_ACCOUNTS_URL: spotify.url }
  const environment = { ...polling, SPOTIFY_POLL_INTERVAL_MS: String(LOOK_EVERY_MS), PORT: String(await freePort()) }
  const product = await startProduct(prepared.directory, environment)
  const producer = httpProducer({ url: product.url })
  await heardTogether(producer)
  await product.ask('settled')
  const browser = await launch()
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } })
  const listener = spotify.listener('ann')
  await page.goto(`${product.url}/v1/spotify/connect`)
  await page.getByRole('link', { name: 'ann' }).click()
  await page.waitForURL(`${product.url}/**`)
  const follows = async (user: string, first: number, probes: number, change: (index: number) => Promise<number>) => {
    await change(first)
    await page.goto(product.url)
    await page.locator('#connection[data-state=live]').waitFor()
    await page.locator('#listener').fill(user)
    await page.keyboard.press('Enter')
    await painted(page, first)
    const times: number[] = []
    for (let i = first + 1; i <= first + probes; i++) {
      await sleep(LONGEST_PAUSE_MS * ((i * GOLDEN) % 1))
      const shown = painted(page, i)
      const began = await change(i)
      times.push((await shown) - began)
    }
    return times
  }
  const sent = await follows('eve', 0, PROBES, async index => {
    const began = Date.now()
    await producer.send([play('eve', index, '', began)])
    return began
  })
  percentiles('page follows an event after', sent)
  const looked = await follows('ann', PROBES + 1, LOOKS, async index => {
    listener.play({ id: trackOf(index, ''), name: titleOf(index, ''), artist: 'Pines', album: 'Album', durationMs: 200_000 })
    for (const looks = spotify.count(PLAYER); spotify.count(PLAYER) === looks; ) await sleep(1)
    return Date.now()
  })
  percentiles('page follows a look at the player after', looked)
  figure('page follows: probes', PROBES + LOOKS, '')
  await browser.close()
  await product.stop()
  await spotify.close()
}

const trackOf = (index: number, which: string) => `${which}track-${index}`
const titleOf = (index: number, which: string) => `Title ${which}${index}`

function play(user_id: string, index: number, which: string, occurred_at: number) {
  const track = { track_id: trackOf(index, which), track_name: titleOf(index, which), artist_id: 'pines', artist_name: 'Pines' }
  const unknown = { album_name: null, duration_ms: null, ms_played: null, device_type: null, country: null }
  return newEvent('spotify-plays', {
    ...{ event_id: `follow-${user_id}-${which}${index}`, user_id, ...track, occurred_at, source: 'bench', ...unknown }
  })
}

/** Each track of the probes with one that others have heard after it. */
async function heardTogether(producer: EventProducer): Promise<void> {
  const count = PROBES + LOOKS + 2
  for (const user of LISTENERS)
    await producer.send(
      Array.from({ length: count }, (_, i) => Date.now() - 2 * HOUR_MS * (count - i)).flatMap((at, i) => [
        play(user, i, '', at),
        play(user, i, 'after-', at + 1_000)
      ])
    )
}

/** Milliseconds since the epoch when the track, and what goes after it, are painted. */
const painted = (page: Page, index: number): Promise<number> =>
  page.evaluate<number>(`new Promise(resolve => {
    const titles = list => [...document.querySelectorAll(list)].map(title => title.textContent)
    const look = () => {
      const shown = titles('#played .current .title').includes('${titleOf(index, '')}') && titles('#next .title').includes('${titleOf(index, 'after-')}')
      if (!shown) return
      watching.disconnect()
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(Date.now())))
    }
    const watching = new MutationObserver(look)
    watching.observe(document.body, { childList: true, subtree: true, characterData: true })
    look()
  })`)
