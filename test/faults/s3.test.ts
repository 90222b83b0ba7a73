import { openS3Objects, type S3Options } from '../../connect/objects/s3-objects.js'
import { objectsContract } from '../contract/objects.js'
import { s3Server } from './s3-server.js'

const server = await s3Server()
objectsContract({
  name: 'S3',
  open: async () => openS3Objects({ ...(server satisfies S3Options), prefix: `${server.unique()}/` })
})
