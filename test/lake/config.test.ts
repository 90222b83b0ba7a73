import t from 'tap'
import { ConfigError, readConfig } from '../../config.js'

const lakeOf = (environment: Record<string, string>) => readConfig(environment).lake

t.test('the lake is on, in the data directory, unless it is said otherwise', async t => {
  t.match(lakeOf({}), { place: 'data/lake', rows: 200_000, bytes: 32 * 1024 * 1024, ageMs: 300_000 })
  t.match(lakeOf({ SEGUE_DATA_DIR: '/d' }), { place: '/d/lake' })
  t.match(lakeOf({ SEGUE_LAKE: '/elsewhere' }), { place: '/elsewhere' })
  t.equal(lakeOf({ SEGUE_LAKE: 'off', S3_BUCKET: 'b-1' }), undefined)
  t.match(lakeOf({ BATCH_SIZE: '500' }), { rows: 500 })
  t.match(lakeOf({ BATCH_SIZE: '500', LAKE_FILE_ROWS: '700' }), { rows: 700 })
})

t.test('a bucket, by the names of Amazon, of other stores and of MinIO', async t => {
  const keys = { accessKeyId: 'id', secretAccessKey: 'secret' }
  t.match(lakeOf({ S3_BUCKET: 'music' }), {
    place: { bucket: 'music', prefix: '', region: 'us-east-1', endpoint: undefined, credentials: undefined }
  })
  t.match(lakeOf({ SEGUE_LAKE: 's3://music/a/b', AWS_REGION: 'eu-north-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }), {
    place: { bucket: 'music', prefix: 'a/b/', region: 'eu-north-1', credentials: keys }
  })
  t.match(lakeOf({ MINIO_BUCKET: 'music', MINIO_ENDPOINT: 'localhost:9000', MINIO_ACCESS_KEY: 'id', MINIO_SECRET_KEY: 'secret' }), {
    place: { bucket: 'music', endpoint: 'http://localhost:9000', credentials: keys }
  })
  const stack = { S3_ENDPOINT: 'http://127.0.0.1:8333/', S3_REGION: 'x', S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'secret' }
  t.match(lakeOf({ S3_BUCKET: 'music', ...stack }), { place: { endpoint: 'http://127.0.0.1:8333', region: 'x', credentials: keys } })
})

t.test('mistakes are told all at once, without secrets', async t => {
  const bad = {
    SEGUE_LAKE: 's3://Not A Bucket',
    S3_ENDPOINT: 'http://[',
    AWS_SECRET_ACCESS_KEY: 'very-secret',
    LAKE_FILE_ROWS: '0',
    LAKE_FILE_MB: 'x',
    LAKE_FILE_AGE_MS: '-1'
  }
  const error: unknown = await Promise.resolve()
    .then(() => readConfig(bad))
    .catch(error => error)
  t.ok(error instanceof ConfigError)
  const { message } = error as Error
  for (const name of ["The lake's place", 'S3_ENDPOINT', 'AWS_ACCESS_KEY_ID', 'LAKE_FILE_ROWS', 'LAKE_FILE_MB', 'LAKE_FILE_AGE_MS'])
    t.match(message, name)
  t.notMatch(message, 'very-secret')
})
