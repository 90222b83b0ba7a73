import t from 'tap'
import { killed } from '../lake/kills.js'
import { s3Server } from './s3-server.js'

t.test('a hundred times kill -9 during uploads, to files and to S3: nothing is lost, nothing is doubled', async t => {
  const { endpoint, bucket, region, credentials } = await s3Server()
  await killed(t, 50)
  await killed(t, 50, {
    SEGUE_LAKE: `s3://${bucket}/kills`,
    S3_ENDPOINT: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials!.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials!.secretAccessKey
  })
})
