import type { AddressInfo } from 'node:net'
import t from 'tap'
import { guarded } from '../api/auth-support.js'
import { launch, noChromium } from './chromium.js'
import { fill } from './world.js'

const missing = noChromium()

t.test('where callers must say who they are, the page offers to sign in; an admin sees it live', { skip: missing ?? false }, async t => {
  const browser = await launch()
  t.teardown(() => browser.close())
  const it = await guarded(t, { now: Date.now, options: { liveIntervalMs: 100 } })
  t.teardown(() => it.app.close())
  fill(it.view, Date.now())
  await it.app.listen({ port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${(it.app.server.address() as AddressInfo).port}/`

  const page = await browser.newPage()
  await page.goto(url)
  await page.locator('#sign-in').waitFor({ state: 'visible' })
  t.equal(await page.locator('#sign-in').getAttribute('href'), 'v1/sign-in')
  t.strictSame(await page.locator('#playing li').count(), 0)
  await page.locator('#playing-empty', { hasText: 'Sign in to see this.' }).waitFor()
  t.notOk(await page.getByText('connection lost').isVisible(), 'nothing was lost')
  await page.getByRole('link', { name: 'Leaderboards' }).click()
  await page.locator('#view').getByText('Sign in to see this.').first().waitFor()

  const signedIn = async (user: string) => {
    const context = await browser.newContext()
    await context.addCookies([{ name: 'segue_session', value: it.sessions.begin(user), url, httpOnly: true, sameSite: 'Lax' }])
    const page = await context.newPage()
    await page.goto(url)
    return page
  }
  const ann = await signedIn('ann')
  await ann.locator('#connection', { hasText: 'live is for admins' }).waitFor()
  await ann.locator('#playing-empty').getByRole('link', { name: 'My account' }).click()
  await ann.getByRole('region', { name: 'Your data' }).waitFor()
  const boss = await signedIn('boss')
  await boss.locator('#connection[data-state=live]').waitFor()
  await boss.locator('#playing li').nth(3).waitFor()
  t.notOk(await boss.locator('#sign-in').isVisible())
})
