/** Every view in Chromium: reached by the keyboard and by its address, readable by everybody, on a phone too, and light to load. */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import type { Verdict } from '../../api/reconciliation.js'
import { projectRoot } from '../../schemas/root.js'
import { diagnosis, fixture, LETTER, reconciliation } from '../api/support.js'
import { launch, noChromium } from './chromium.js'
import { fill, running, tracks } from './world.js'

const missing = noChromium()
const AXE = readFileSync(join(projectRoot, 'node_modules/axe-core/axe.min.js'), 'utf8')
const FIRST_VIEW_BYTES = 300_000

/** What a view shows when it is there. */
const views: readonly [address: string, title: string, shows: string][] = [
  ['#/', 'live', '#next li'],
  ['#/overview', 'overview', '.view .devices, .view .totals'],
  ['#/tracks', 'tracks', '.view .ranks li'],
  [`#/tracks/${encodeURIComponent(tracks[0]!.id)}`, 'tracks', '.around-graph a'],
  ['#/leaderboards', 'leaderboards', '.moving li'],
  ['#/listeners', 'listeners', '.view tbody tr'],
  ['#/listeners/ana', 'listeners', '.clock td[title]'],
  ['#/account', 'my account', 'text=Nobody signs in here'],
  ['#/quality', 'quality', '.view tbody'],
  ['#/journey', 'journey', '.view tbody tr'],
  ['#/journey/e', 'journey', '.steps li[data-state=waiting]'],
  ['#/operations', 'operations', '.tasks li'],
  [`#/operations/${LETTER.id}`, 'operations', '.hex']
]

async function serve(parts: Parameters<typeof fixture>[0] = {}) {
  const chaos = { crash: async () => 5 }
  const it = await fixture({
    operations: running(),
    diagnosis: diagnosis({ chaos }),
    now: Date.now,
    options: { liveIntervalMs: 100 },
    ...parts
  })
  fill(it.view, Date.now())
  await it.app.listen({ port: 0, host: '127.0.0.1' })
  return { ...it, url: `http://127.0.0.1:${(it.app.server.address() as AddressInfo).port}/` }
}

async function open(browser: Browser, url: string, options: Parameters<Browser['newPage']>[0] = {}) {
  const page = await browser.newPage(options)
  const errors: string[] = []
  // A refused request is also an error of the console; what answers 404 says so on the page.
  page.on('console', message => message.type() === 'error' && !message.text().includes('404') && errors.push(message.text()))
  page.on('pageerror', error => errors.push(String(error)))
  await page.goto(url)
  return { page, errors }
}

/** What is against WCAG 2.1 AA and good practice, in words. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { target: string[] }[] }[] }>(
    "axe.run({ resultTypes: ['violations'] })"
  )
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

if (missing === undefined) {
  const browser = await launch()
  t.teardown(() => browser.close())

  t.test('each view at its own address, on a screen and on a phone', async t => {
    const it = await serve()
    t.teardown(() => it.app.close())
    for (const [width, colorScheme] of [
      [1440, 'light'],
      [390, 'dark']
    ] as const) {
      const { page, errors } = await open(browser, it.url, { viewport: { width, height: 844 }, colorScheme, reducedMotion: 'reduce' })
      for (const [i, [address, title, shows]] of views.entries()) {
        await page.goto(`${it.url}${address}`)
        await page.locator(shows).first().waitFor()
        t.equal(await page.title(), `Segue · ${title}`, address)
        t.equal(await page.locator('#views [aria-current=page]').count(), 1)
        t.ok(
          (await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0,
          `${address} is not wider than ${width}`
        )
        // Both themes in turn: looking takes a second.
        if ((width === 1440) === (i % 2 === 0))
          t.strictSame(await violations(page), [], `${address}, ${colorScheme}: nothing that keeps anybody out`)
      }
      t.strictSame(errors, [])
      await page.close()
    }
  })

  t.test('from view to view: by the keyboard, back, and to where nothing is', async t => {
    const it = await serve()
    t.teardown(() => it.app.close())
    const { page } = await open(browser, it.url)
    await page.locator('#next li').first().waitFor()
    await page.getByRole('link', { name: 'Overview' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('.view .totals').waitFor()
    t.equal(await page.evaluate<string>('document.activeElement.id'), 'main', 'who can not see it is taken along')
    t.equal(await page.locator('#live').isVisible(), false)
    await page.keyboard.press('Tab')
    t.ok(await page.evaluate<boolean>("document.activeElement.closest('#view') !== null"), 'and goes on from there')
    await page.getByRole('link', { name: 'Tracks', exact: true }).click()
    await page.locator('.view .ranks a', { hasText: tracks[1]!.name }).click()
    await page.locator('h2', { hasText: tracks[1]!.name }).waitFor()
    const other = page.locator('.around-graph a').first()
    const name = await other.locator('text').textContent()
    await other.click()
    await page.locator('h2', { hasText: name!.replace('…', '') }).waitFor()
    t.pass('the graph is walked')
    await page.goBack()
    await page.locator('h2', { hasText: tracks[1]!.name }).waitFor()
    await page.goBack()
    await page.goBack()
    await page.locator('.view .totals').waitFor()
    await page.goBack()
    await page.locator('#live').waitFor()
    t.equal(await page.title(), 'Segue · live')
    await page.goto(`${it.url}#/nothing`)
    await page.locator('#live').waitFor()
    await page.close()
  })

  t.test('the first view, and each with its chart, is light', async t => {
    const it = await serve()
    t.teardown(() => it.app.close())
    const { page } = await open(browser, it.url)
    await page.locator('#next li').first().waitFor()
    const transferred = () => page.evaluate<number>('performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0)')
    const first = await transferred()
    t.comment(`${Math.round(first / 1_000)} kB for the first view`)
    t.ok(first > 20_000 && first < FIRST_VIEW_BYTES, `${first} bytes`)
    await page.goto(`${it.url}#/overview`)
    await page.reload()
    await page.locator('.view .totals').waitFor()
    t.ok((await transferred()) < FIRST_VIEW_BYTES, 'the overview alone')
    await page.close()
  })

  t.test('a dead letter is sent again from the page', async t => {
    const it = await serve()
    t.teardown(() => it.app.close())
    const { page } = await open(browser, `${it.url}#/operations`)
    const send = page.getByRole('button', { name: 'Send the chosen ones again' })
    t.equal(await send.isDisabled(), true)
    await page.getByRole('checkbox', { name: LETTER.id }).check()
    await send.click()
    await page.getByText('One record was sent again.').waitFor()
    await page.close()
  })
  t.test("what is missing of a listener's plays is said", async t => {
    const it = await serve({ findGaps: () => [{ from: Date.UTC(2026, 0, 31, 16, 55), to: Date.UTC(2026, 0, 31, 18) }] })
    t.teardown(() => it.app.close())
    const { page } = await open(browser, `${it.url}#/listeners/ana`)
    await page.locator('.gaps li', { hasText: '2026-01-31 16:55 to 2026-01-31 18:00' }).waitFor()
    await page.close()
  })

  t.test('the verdicts of reconciliations; one that could not be made says why', async t => {
    const common = { started_at: new Date().toISOString(), duration_ms: 900, pause_ms: 40, reason: null, repaired: false }
    const verdicts: readonly Verdict[] = [
      { ...common, id: '3', verdict: 'equal', keys: 1_200, differences: 0, repaired: true },
      { ...common, id: '2', verdict: 'different', keys: 1_200, differences: 7 },
      { ...common, id: '1', verdict: 'failed', keys: 0, differences: 0, pause_ms: null, reason: 'dbt ended with 2:\nRuntime Error' }
    ]
    const it = await serve({ reconciliation: reconciliation({ verdicts: async () => verdicts }) })
    t.teardown(() => it.app.close())
    const { page } = await open(browser, `${it.url}#/operations`)
    const rows = page.getByRole('group', { name: 'Reconciliations' }).locator('tbody tr')
    await rows.first().waitFor()
    const texts = await rows.allInnerTexts()
    t.match(texts, [/^equal after a repair\s+1,200\s+0\s/, /^different\s+1,200\s+7\s/, /^not compared\s+dbt ended with 2:\s+–\s+–\s+–\s/])
    await page.getByText('dbt ended with 2:').click()
    t.ok(await page.getByText('Runtime Error').isVisible())
    t.strictSame(await violations(page), [])
    await page.close()
  })
} else t.pass('the views in Chromium', { skip: missing })
