/** Objects in a bucket of any S3 that has conditional writes (`If-None-Match`). */
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { checkKey, type ObjectInfo, type Objects, ObjectsError } from './objects.js'

export interface S3Options {
  readonly bucket: string
  /** Before all keys; '' or ending in a slash. */
  readonly prefix: string
  readonly region: string
  /** Absent: Amazon's own. */
  readonly endpoint?: string | undefined
  /** Absent: the SDK's chain (environment, profile, role of the machine). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string } | undefined
  /** Default 30 s. */
  readonly requestTimeoutMs?: number
  /** Attempts of the client itself, the first included; default 3. */
  readonly maxAttempts?: number
}

// On Node 20 the SDK would say at each start that it will need a newer one some day.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const CONNECT_MS = 5_000
const DELETE_AT_ONCE = 1_000

export function openS3Objects(options: S3Options): Objects {
  return new S3Objects(options)
}

class S3Objects implements Objects {
  readonly place: string
  readonly #client: S3Client

  constructor(private readonly options: S3Options) {
    const { bucket, prefix, region, endpoint, credentials, requestTimeoutMs = 30_000, maxAttempts = 3 } = options
    this.place = `s3://${bucket}/${prefix}`
    this.#client = new S3Client({
      region,
      maxAttempts,
      requestHandler: { requestTimeout: requestTimeoutMs, connectionTimeout: CONNECT_MS, throwOnRequestTimeout: true },
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(credentials === undefined ? {} : { credentials })
    })
  }

  async put(key: string, body: Uint8Array): Promise<'created' | 'exists'> {
    const Key = this.#key(key)
    try {
      await this.#client.send(new PutObjectCommand({ ...this.#bucket, Key, Body: body, ContentLength: body.length, IfNoneMatch: '*' }))
      return 'created'
    } catch (error) {
      if (statusOf(error) === 412) return 'exists'
      throw this.#error('write', Key, error)
    }
  }

  async get(key: string): Promise<Buffer | undefined> {
    const Key = this.#key(key)
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#bucket, Key }))
      return Buffer.from(await Body!.transformToByteArray())
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') return undefined
      throw this.#error('read', Key, error)
    }
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    if (prefix !== '') checkKey(prefix.replace(/\/$/, ''))
    const Prefix = `${this.options.prefix}${prefix}`
    let ContinuationToken: string | undefined
    do {
      const page = await this.#client
        .send(new ListObjectsV2Command({ ...this.#bucket, Prefix, ...(ContinuationToken === undefined ? {} : { ContinuationToken }) }))
        .catch(error => {
          throw this.#error('list', Prefix, error)
        })
      for (const { Key, Size, LastModified } of page.Contents ?? [])
        yield { key: Key!.slice(this.options.prefix.length), size: Size ?? 0, modified: LastModified?.getTime() ?? 0 }
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (ContinuationToken !== undefined)
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += DELETE_AT_ONCE) {
      const some = keys.slice(at, at + DELETE_AT_ONCE).map(key => ({ Key: this.#key(key) }))
      const { Errors } = await this.#client
        .send(new DeleteObjectsCommand({ ...this.#bucket, Delete: { Objects: some, Quiet: true } }))
        .catch(error => {
          throw this.#error('delete', some[0]!.Key, error)
        })
      const [first] = Errors ?? []
      if (first !== undefined) throw this.#error('delete', first.Key ?? '', { name: first.Code, message: first.Message })
    }
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  get #bucket() {
    return { Bucket: this.options.bucket }
  }

  #key(key: string): string {
    return `${this.options.prefix}${checkKey(key)}`
  }

  #error(what: string, key: string, error: unknown): ObjectsError {
    const { bucket, endpoint } = this.options
    const where = endpoint === undefined ? '' : ` at ${endpoint}`
    return new ObjectsError(`Can't ${what} s3://${bucket}/${key}${where}: ${reasonOf(error, bucket)}.`, { cause: error })
  }
}

type Failure = { name?: string; message?: string; code?: string; $metadata?: { httpStatusCode?: number } }

const statusOf = (error: unknown) => (error as Failure).$metadata?.httpStatusCode
const nameOf = (error: unknown) => (error as Failure).name ?? ''

function reasonOf(error: unknown, bucket: string): string {
  const { name = '', message = '', code } = error as Failure
  const status = statusOf(error)
  if (name === 'NoSuchBucket') return `there is no bucket ${bucket}. Create it, or set S3_BUCKET`
  if (name === 'InvalidAccessKeyId' || name === 'SignatureDoesNotMatch')
    return 'the store does not know these keys. Look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
  if (name === 'CredentialsProviderError') return 'there are no keys. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
  if (status === 403) return 'access is denied. These keys need the right to list, read, write and delete there'
  if (status === 503 || status === 429 || name === 'SlowDown') return `the store is busy (${status ?? name})`
  if (code === 'ECONNREFUSED') return 'nothing listens there. Start the store, or look at S3_ENDPOINT'
  if (code === 'ENOTFOUND') return 'that host is not known. Look at S3_ENDPOINT'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the connection broke'
  if (name === 'TimeoutError') return 'it did not answer in time'
  return `${status === undefined ? '' : `${status} `}${name || 'Error'}${message && message !== name ? `: ${message.replace(/\.$/, '')}` : ''}`
}
