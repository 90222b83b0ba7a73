import type { Browser } from 'playwright-core'
import { launch, noChromium } from '../test/browser/chromium.js'
import { figure } from './figures.js'
import { startProduct } from './product.js'
import type { Prepared } from './workload.js'

const LOADS = 9
/** Of the live view: what listeners play, and what comes next for one of them. */
const DATA = '#playing li, #next li'

interface View {
  /** Milliseconds since the navigation began. */
  readonly painted: number
  readonly data: number
  readonly bytes: number
}

/** Opening the page in Chromium with an empty cache: until something is painted, until the first live data is, and what is transferred. */
export async function page(prepared: Prepared): Promise<void> {
  const missing = noChromium()
  if (missing !== undefined) {
    process.stdout.write(`page: ${missing}\n`)
    return
  }
  const product = await startProduct(prepared.directory)
  await product.ask('settled')
  const browser = await launch()
  // The first one warms both up.
  const views: View[] = []
  for (let i = 0; i <= LOADS; i++) views.push(await load(browser, product.url))
  const median = (of: (view: View) => number) =>
    views
      .slice(1)
      .map(of)
      .sort((a, b) => a - b)[Math.floor(LOADS / 2)]!
  figure('page: first view of a browser: data painted', views[0]!.data, 'ms')
  figure(
    'page: first paint',
    median(({ painted }) => painted),
    'ms'
  )
  figure(
    'page: data painted',
    median(({ data }) => data),
    'ms'
  )
  figure('page: transferred', median(({ bytes }) => bytes) / 1_000, 'kB')
  await browser.close()
  await product.stop()
}

async function load(browser: Browser, url: string): Promise<View> {
  const context = await browser.newContext()
  const tab = await context.newPage()
  await tab.addInitScript(`new MutationObserver((_, watching) => {
    if (!document.querySelector('${DATA}')) return
    watching.disconnect()
    requestAnimationFrame(() => requestAnimationFrame(() => { window.dataPainted = performance.now() }))
  }).observe(document, { childList: true, subtree: true })`)
  await tab.goto(url)
  await tab.locator(DATA).first().waitFor()
  const view = await tab.evaluate<View>(`new Promise(resolve => setTimeout(() => resolve({
    painted: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    data: window.dataPainted,
    bytes: performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0)
  }), 500))`)
  await context.close()
  return view
}
