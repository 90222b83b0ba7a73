/** The lake's configuration. */
import { join } from 'node:path'
import type { Reader } from './config.js'

export interface LakeConfig {
  /** A directory, or a bucket. */
  readonly place: string | S3Config
  /** A file has at most so many rows, so many bytes of records, and its first record waits at most so long. */
  readonly rows: number
  readonly bytes: number
  readonly ageMs: number
}

export interface S3Config {
  readonly bucket: string
  /** '' or ending in a slash. */
  readonly prefix: string
  readonly region: string
  readonly endpoint: string | undefined
  /** Undefined: those that the AWS SDK finds (profile, role of the machine). */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string } | undefined
}

/** SEGUE_LAKE is on, off, or a place. On: the bucket where one is named, else a directory in the data directory. */
export function readLake(read: Reader, problems: string[]): LakeConfig | undefined {
  const setting = read.text('SEGUE_LAKE', 'on')
  const bucket = read.first('S3_BUCKET', 'MINIO_BUCKET')
  const usual = bucket === '' ? join(read.text('SEGUE_DATA_DIR', 'data'), 'lake') : `s3://${bucket}`
  const place = setting === 'on' || setting === 'off' ? usual : setting
  const config = {
    place: place.startsWith('s3://') ? readS3(place, read, problems) : place,
    rows: read.integer('LAKE_FILE_ROWS', read.integer('BATCH_SIZE', 200_000, 1, 1_000_000), 1, 1_000_000),
    bytes: read.integer('LAKE_FILE_MB', 32, 1, 256) * 1024 * 1024,
    ageMs: read.integer('LAKE_FILE_AGE_MS', 300_000, 100, 86_400_000)
  }
  return setting === 'off' ? undefined : config
}

function readS3(place: string, read: Reader, problems: string[]): S3Config {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9_.=/-]*))?$/.exec(place) ?? []
  if (bucket === '')
    problems.push(`The lake's place is "${place}": give s3://bucket/prefix, the bucket in small letters, digits, dots and dashes.`)
  const endpoint = read.first('S3_ENDPOINT', 'MINIO_ENDPOINT')
  const url = endpoint === '' || endpoint.includes('://') ? endpoint : `http://${endpoint}`
  if (url !== '' && !URL.canParse(url)) problems.push(`S3_ENDPOINT is "${endpoint}": give an address, as in https://s3.example.org.`)
  const [accessKeyId, secretAccessKey, sessionToken] = [
    read.first('S3_ACCESS_KEY_ID', 'AWS_ACCESS_KEY_ID', 'MINIO_ACCESS_KEY'),
    read.first('S3_SECRET_ACCESS_KEY', 'AWS_SECRET_ACCESS_KEY', 'MINIO_SECRET_KEY'),
    read.text('AWS_SESSION_TOKEN', '')
  ]
  if ((accessKeyId === '') !== (secretAccessKey === ''))
    problems.push('One of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set: give both, or none.')
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) }
  return {
    bucket,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    region: read.first('S3_REGION', 'AWS_REGION') || 'us-east-1',
    endpoint: url === '' ? undefined : url.replace(/\/$/, ''),
    credentials: accessKeyId === '' ? undefined : keys
  }
}
