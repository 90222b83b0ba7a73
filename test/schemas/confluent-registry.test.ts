import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { type ConfluentRegistryOptions, openConfluentRegistry } from '../../schemas/confluent-registry.js'
import { RegistryUnavailableError } from '../../schemas/registry.js'
import { readSchema } from '../../schemas/sources.js'

type Reply = readonly [status: number, body: unknown] | undefined

/** A registry that answers as it is told; without an answer it says nothing. */
async function fake(t: Test, answer: (request: IncomingMessage) => Reply, options: Partial<ConfluentRegistryOptions> = {}) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    const reply = answer(request)
    if (reply === undefined) return
    response.writeHead(reply[0], { 'content-type': 'application/json' })
    response.end(typeof reply[1] === 'string' ? reply[1] : JSON.stringify(reply[1]))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/base/`
  return { registry: openConfluentRegistry({ url, ...options }), requests }
}

const play = readSchema('play')

t.test('credentials are sent, and stay out of every message', async t => {
  const { registry, requests } = await fake(t, () => [401, { error_code: 401, message: 'no' }], { user: 'anna', password: 'geheim' })
  const message = /^The schema registry at http:\/\/127\.0\.0\.1:\d+\/base refuses the credentials \(401\): check SCHEMA_REGISTRY_USER/
  for (const call of [() => registry.register('a-value', play), () => registry.schema(1)]) {
    const error = await call().then(
      () => undefined,
      (error: Error) => error
    )
    t.type(error, RegistryUnavailableError)
    t.match(error!.message, message)
    t.notMatch(`${error!.stack} ${JSON.stringify(error)}`, /geheim|Z2VoZWlt/)
  }
  t.equal(requests[0]!.headers.authorization, `Basic ${Buffer.from('anna:geheim').toString('base64')}`)
  t.equal(requests[0]!.url, '/base/config/a-value')
})

t.test('nothing but the registry saying so means that a schema does not exist', async t => {
  for (const [reply, message] of [
    [[404, 'Not Found'], /answers 404, not as a schema registry does: check SCHEMA_REGISTRY_URL/],
    [[404, { error_code: 404, message: 'HTTP 404 Not Found' }], /answers 404, HTTP 404 Not Found/],
    [[500, { error_code: 50001, message: 'The store is down' }], /answers 500, The store is down/],
    [[429, ''], /answers 429/],
    [[200, '<html>'], /answers 200, not as/],
    [[200, {}], /answers 200, not as/]
  ] as const) {
    const { registry } = await fake(t, () => reply)
    await t.rejects(registry.schema(7), { name: 'RegistryUnavailableError', message })
  }
  const { registry } = await fake(t, () => [404, { error_code: 40403, message: 'Schema not found' }])
  t.equal(await registry.schema(7), undefined)
})

t.test('a schema of another kind is none of ours', async t => {
  const { registry } = await fake(t, () => [200, { schemaType: 'PROTOBUF', schema: 'syntax = "proto3";' }])
  t.equal(await registry.schema(7), undefined)
})

t.test('the level is set before the first schema is registered', async t => {
  const { registry, requests } = await fake(t, ({ method, url }) => {
    if (method === 'GET') return [404, { error_code: 40408, message: 'Subject does not have a level' }]
    return [200, url?.includes('config') ? { compatibility: 'BACKWARD_TRANSITIVE' } : { id: 12 }]
  })
  t.equal(await registry.register('a/b value', play), 12)
  t.strictSame(
    requests.map(({ method, url }) => `${method} ${url}`),
    ['GET /base/config/a%2Fb%20value', 'PUT /base/config/a%2Fb%20value', 'POST /base/subjects/a%2Fb%20value/versions']
  )
})

t.test("the registry's own words, where it refuses what we would take", async t => {
  const { registry } = await fake(t, ({ method, url }) => {
    if (url?.includes('config')) return [200, { compatibilityLevel: 'FULL_TRANSITIVE' }]
    if (method === 'POST') return [409, { error_code: 409, message: 'The new field has no default' }]
    return url?.endsWith('versions') ? [200, [1]] : [200, { id: 3, schema: JSON.stringify(play) }]
  })
  await t.rejects(registry.register('a-value', play), {
    name: 'IncompatibleSchemaError',
    message: 'The schema registry refuses the schema of a-value: The new field has no default'
  })
})

t.test('no answer in time is an answer to come', async t => {
  const { registry } = await fake(t, () => undefined, { timeoutMs: 50 })
  await t.rejects(registry.schema(1), { name: 'RegistryUnavailableError', message: /can't be reached: .*timeout/ })
  const gone = openConfluentRegistry({ url: 'http://127.0.0.1:1' })
  await t.rejects(gone.schema(1), RegistryUnavailableError)
})
