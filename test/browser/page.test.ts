import { readdirSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { type Fixture, fixture } from '../api/support.js'
import { launch, noChromium } from './chromium.js'
import { fill, play, running, tracks } from './world.js'

const HOSTILE = '<img src="x" onerror="document.title=\'taken over\'">'

const missing = noChromium()
if (missing !== undefined && process.env.CI === 'true') t.fail(missing)
else if (missing !== undefined) t.pass('the page in Chromium', { skip: missing })
else await pageTests()

interface Served extends Fixture {
  readonly url: string
  readonly port: number
}

async function serve(port = 0, prepare = (it: Fixture): void => fill(it.view, Date.now())): Promise<Served> {
  const it = await fixture({ operations: running(), now: Date.now, options: { liveIntervalMs: 100 } })
  prepare(it)
  await it.app.listen({ port, host: '127.0.0.1' })
  const address = it.app.server.address() as AddressInfo
  return { ...it, port: address.port, url: `http://127.0.0.1:${address.port}/` }
}

/** A page; collects what went wrong in it, its content security policy included, and what it asked for. */
async function open(browser: Browser, url: string, options: Parameters<Browser['newPage']>[0] = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
  const errors: string[] = []
  const hosts = new Set<string>()
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', error => errors.push(String(error)))
  page.on('request', request => hosts.add(new URL(request.url()).host))
  await page.goto(url)
  return { page, errors, hosts }
}

const texts = (page: Page, selector: string) => page.locator(selector).allTextContents()
const overflow = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')

async function pageTests(): Promise<void> {
  const browser = await launch()
  t.teardown(() => browser.close())

  t.test('the page is filled from the API and follows it', async t => {
    const it = await serve()
    t.teardown(() => it.app.close())
    const { page, errors, hosts } = await open(browser, it.url)

    await page.locator('#connection[data-state=live]').waitFor()
    await page.locator('#playing li').nth(5).waitFor()
    t.ok((await texts(page, '#playing .title')).includes('Harbour Lights'), 'now playing: what ana plays')

    await page.locator('#activity', { hasText: 'day 4 of 14' }).waitFor()
    await page.locator('#graph .node').first().waitFor()
    const nodes = await texts(page, '#graph .node > text:not(.store)')
    for (const name of ['spotify-plays', 'clean', 'cooccurrence', 'charts', 'view → API']) t.ok(nodes.includes(name), `topology: ${name}`)
    t.equal(nodes.filter(name => name === 'track-details').length, 2, 'a topic and a processor of the same name')
    const labels = await texts(page, '#graph .edge text')
    t.ok(labels.includes('480/s17 waiting'), 'rate and lag on an edge')
    await page.locator('#edges summary').click()
    await page.locator('#edge-rows tr', { hasText: 'track-updates' }).locator('td', { hasText: '17' }).waitFor()

    await page.locator('#listeners button', { hasText: 'bjarne' }).click()
    await page.locator('#played .current .title', { hasText: tracks[2]!.name }).waitFor()
    await page.locator('#next li').nth(4).waitFor()
    t.match((await texts(page, '#next .why'))[0], /^because of .*Half Past Winter/, 'what comes next says because of what')
    t.ok(Number((await texts(page, '#next .score-value'))[0]) > 0, 'with a score')
    const answer = page.waitForResponse(response => response.url().includes('strategy=baseline'))
    await page.getByRole('radio', { name: 'baseline' }).check()
    t.equal((await answer).status(), 200)
    await page.locator('#answer-note', { hasText: 'From the current track' }).waitFor()

    t.equal((await texts(page, '#tracks .title'))[0], tracks[0]!.name)
    t.equal((await texts(page, '#artists .title'))[0], tracks[0]!.artist)
    await page.getByRole('radio', { name: 'week' }).check()
    await page.locator('#tracks .count', { hasText: String(11 * 10 * tracks.length).replace(/(\d)(\d{3})$/, '$1,$2') }).waitFor()
    await page.locator('#figures dd', { hasText: '132,372' }).waitFor()

    play(it.view, 'bjarne', 9, Date.now())
    await page.locator('#played .current .title', { hasText: tracks[9]!.name }).waitFor()
    t.pass("the explorer follows the listener's new track")
    await page.locator('#playing li', { hasText: 'bjarne' }).locator('.title', { hasText: tracks[9]!.name }).waitFor()
    t.equal((await texts(page, '#playing .title'))[0], tracks[9]!.name, 'the new play comes first')

    it.view.track('hostile', tracks[0]!.artistId, 1, HOSTILE)
    it.view.session(HOSTILE, Date.now(), [['hostile', tracks[0]!.artistId]], 'NO')
    await page.locator('#playing .title', { hasText: 'onerror' }).waitFor()
    t.equal((await texts(page, '#playing .title'))[0], HOSTILE, 'a hostile name is text')
    t.match((await texts(page, '#playing .where'))[0], 'NO', 'the country is shown')
    await page.locator('#playing button', { hasText: 'onerror' }).click()
    await page.locator('#played .current .title', { hasText: 'onerror' }).waitFor()
    t.equal(await page.locator('img').count(), 0)

    it.view.session('early', Date.now(), [['unnamed', 'unnamed']])
    await page.locator('#playing .title', { hasText: 'unnamed' }).waitFor()
    it.view.track('unnamed', 'unnamed', 1, 'Named at last')
    await page.locator('#playing .title', { hasText: 'Named at last' }).waitFor()
    t.equal(await page.title(), 'Segue · live')

    t.strictSame(errors, [], 'no errors in the console')
    t.strictSame([...hosts], [new URL(it.url).host], 'no request to anybody else')
    await page.close()
  })

  t.test('a listener is found by typing, and an unknown one is said to be unknown', async t => {
    const it = await serve()
    t.teardown(() => it.app.close())
    const { page } = await open(browser, it.url)
    await page.locator('#next li').first().waitFor()
    await page.getByLabel('Listener', { exact: true }).fill('GRE')
    await page.getByLabel('Listener', { exact: true }).press('Enter')
    await page.locator('#listeners [aria-pressed=true]', { hasText: 'greta' }).waitFor()
    await page.locator('#played .current .title', { hasText: tracks[12]!.name }).waitFor()
    await page.getByLabel('Listener', { exact: true }).fill('nobody we know')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText('Nobody called nobody we know has played anything yet.').waitFor()
    t.equal(await page.locator('#line').isVisible(), false)
    await page.close()
  })

  t.test('a phone: nothing is wider than the screen, in both themes', async t => {
    const it = await serve()
    t.teardown(() => it.app.close())
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, errors } = await open(browser, it.url, { viewport: { width: 390, height: 844 }, colorScheme })
      await page.locator('#next li').first().waitFor()
      await page.locator('#graph .node').first().waitFor()
      await page.locator('#tracks li').first().waitFor()
      t.ok((await overflow(page)) <= 0, 'no horizontal scroll')
      t.equal(await page.locator('html').getAttribute('data-theme'), colorScheme)
      await page.locator('#theme').click()
      t.not(await page.locator('html').getAttribute('data-theme'), colorScheme, 'the button changes the theme')
      t.strictSame(errors, [])
      await page.close()
    }
  })

  t.test('empty, then lost, then back', async t => {
    const it = await serve(0, () => {})
    const { page } = await open(browser, it.url)
    await page.locator('#connection[data-state=live]').waitFor()
    await page.getByText('Waiting for the first events.').waitFor()
    await page.getByText('Nothing was played in the last day.').first().waitFor()
    await it.app.close()
    await page.getByText('connection lost, trying again').waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.locator('.view', { hasText: 'Segue does not answer. Trying again.' }).waitFor()
    const again = await serve(it.port)
    t.teardown(() => again.app.close())
    await page.locator('#connection[data-state=live]').waitFor()
    await page.locator('.view .totals').waitFor()
    await page.getByRole('link', { name: 'Live' }).click()
    await page.locator('#playing li').first().waitFor()
    t.equal(await page.locator('#playing-empty').isVisible(), false)
    await page.close()
  })

  t.test('the pages of the documentation work under their content security policy', async t => {
    const it = await serve()
    t.teardown(() => it.app.close())
    const { page, errors, hosts } = await open(browser, `${it.url}docs`)
    await page.getByText('What to play next, after what the listener plays now').waitFor()
    t.strictSame(errors, [])
    t.strictSame(
      [...hosts].filter(host => host !== ''),
      [new URL(it.url).host]
    )
    await page.close()
  })

  t.test('all of it is small', async t => {
    const directory = join(projectRoot, 'dashboard')
    const bytes = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
    t.ok(bytes < 150_000, `${bytes} bytes`)
  })
}
