/** The S3 server of the stack, for the tests of one file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import t from 'tap'
import type { S3Options } from '../../connect/objects/s3-objects.js'
import { startStack } from '../../tools/stack/stack.js'

export type S3Server = S3Options & { readonly endpoint: string; readonly unique: () => string }

export async function s3Server(): Promise<S3Server> {
  const dir = mkdtempSync(join(tmpdir(), 'segue-s3-'))
  const stack = await startStack({ dir, parts: ['s3'], ports: 'free', bound: true })
  t.teardown(async () => {
    await stack.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  const { endpoint, region, accessKeyId, secretAccessKey } = stack.addresses.s3!
  const options = { bucket: 'segue', prefix: '', region, endpoint, credentials: { accessKeyId, secretAccessKey } }
  const client = new S3Client({ ...options, forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: options.bucket }))
  client.destroy()
  let names = 0
  return { ...options, unique: () => `place${++names}` }
}
