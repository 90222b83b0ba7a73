import t from 'tap'
import { fixture } from './support.js'

t.test('pages may run their own files only; data is nobody’s page', async t => {
  const { app } = await fixture()
  const headersOf = async (url: string) => (await app.inject(url)).headers
  for (const url of ['/', '/main.js', '/docs/', '/docs/static/swagger-ui-bundle.js']) {
    const headers = await headersOf(url)
    const policy = String(headers['content-security-policy'])
    for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
      t.ok(policy.split(';').includes(part), `${url}: ${part} in ${policy}`)
    t.notMatch(policy, /unsafe|https?:|\*/, `${url}: nobody else's files`)
    t.match(headers, { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'SAMEORIGIN' })
    t.notOk('strict-transport-security' in headers, 'this server has no TLS')
  }
  t.equal((await headersOf('/'))['cache-control'], 'no-cache')
  for (const url of ['/users', '/recommendations', '/nothing', '/openapi.json'])
    t.match(await headersOf(url), {
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'"
    })
})
