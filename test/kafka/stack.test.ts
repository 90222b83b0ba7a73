import t from 'tap'
import { stackStatus } from '../../tools/stack/stack.js'
import { sharedStack } from './stack.js'

t.test('every part is healthy, on 127.0.0.1, and survives a kill with its data', async t => {
  const stack = await sharedStack()
  const { kafka, registry, redis, s3 } = stack.addresses
  for (const address of [`kafka://${kafka}`, registry, redis, s3?.endpoint]) t.equal(new URL(address!).hostname, '127.0.0.1')
  const schema = JSON.stringify({ schema: '"string"' })
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
  const posted = await fetch(`${registry}/subjects/stack-test-value/versions`, { method: 'POST', headers, body: schema })
  const { id } = (await posted.json()) as { id: number }
  const pid = stack.pid('registry')
  await stack.restart('registry', 'kill')
  t.not(stack.pid('registry'), pid)
  const versions = await fetch(`${registry}/subjects/stack-test-value/versions/latest`)
  t.equal(((await versions.json()) as { id: number }).id, id, 'a schema that was acknowledged is there after a kill')
  await stack.restart('kafka', 'kill')
  const states = (await stackStatus(process.env.SEGUE_TEST_STACK!)).map(({ part, state }) => [part.name, state])
  t.strictSame(states, [
    ['kafka', 'healthy'],
    ['registry', 'healthy'],
    ['redis', 'healthy'],
    ['s3', 'healthy']
  ])
})
