import t from 'tap'
import { ObjectsError } from '../../connect/objects/objects.js'
import { openS3Objects, type S3Options } from '../../connect/objects/s3-objects.js'
import { listed } from '../contract/objects.js'
import { type Fault, faultProxy } from './fault-proxy.js'

const SECRET = 'a-very-secret-key'
const options = (endpoint: string): S3Options => ({
  bucket: 'segue',
  prefix: 'here/',
  region: 'us-east-1',
  endpoint,
  credentials: { accessKeyId: 'id', secretAccessKey: SECRET },
  requestTimeoutMs: 1_000,
  maxAttempts: 1
})

t.test('what fails is told in a sentence, without secrets', async t => {
  const expected: Partial<Record<Fault, RegExp>> = {
    busy: /Can't write s3:\/\/segue\/here\/a at http:\/\/127.*: the store is busy \(503\)\./,
    denied: /access is denied\. These keys need the right to list, read, write and delete there\./,
    silence: /it did not answer in time\./,
    reset: /the connection broke\./,
    none: /500 InternalError\./
  }
  for (const [fault, sentence] of Object.entries(expected)) {
    const proxy = await faultProxy(undefined, () => fault as Fault)
    const objects = openS3Objects(options(proxy.url))
    const error: Error = await objects.put('a', Buffer.alloc(100_000)).then(
      () => t.fail(`${fault} is an error`),
      error => error
    )
    t.ok(error instanceof ObjectsError, fault)
    t.match(error.message, sentence, fault)
    t.notMatch(error.message, SECRET)
    await t.rejects(objects.get('a'), ObjectsError, `get, ${fault}`)
    await t.rejects(objects.delete(['a']), ObjectsError, `delete, ${fault}`)
    await t.rejects(listed(objects, 'x/'), ObjectsError, `list, ${fault}`)
    await objects.close()
    await proxy.close()
  }
  const nobody = openS3Objects(options('http://127.0.0.1:9'))
  await t.rejects(nobody.put('a', Buffer.from('a')), { message: /nothing listens there\. Start the store, or look at S3_ENDPOINT\./ })
})
