/** Batches are written as they are or with gzip, and read in whatever codec another client chose. */
import { createRequire } from 'node:module'
import { gunzipSync, gzipSync } from 'node:zlib'
import { decompress as unzstd } from 'fzstd'
import { snappyUncompress } from 'hyparquet'
import { BytesReader } from '../../bytes.js'
import { LogConfigError } from '../log.js'
import type { Compression } from './options.js'

interface Codec {
  readonly id: number
  compress(bytes: Buffer): Buffer
}

const codecs: Record<Compression, Codec> = {
  none: { id: 0, compress: bytes => bytes },
  gzip: { id: 1, compress: bytes => gzipSync(bytes, { level: 1 }) }
}

/** By the number that a batch has for it. */
const decompressors: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  0: bytes => bytes,
  1: bytes => gunzipSync(bytes),
  2: bytes => unsnappy(bytes),
  3: bytes => lz4().decompressFrameSync(bytes),
  4: bytes => viewOf(unzstd(bytes))
}

export const codecOf = (compression: Compression): Codec => codecs[compression]

/** @throws LogConfigError a client wrote with a codec that came after this was written. */
export function decompress(id: number, bytes: Buffer): Buffer {
  const codec = decompressors[id]
  if (codec !== undefined) return codec(bytes)
  throw new LogConfigError(
    `A record batch is compressed with codec ${id}, which can't be read here: let its producer use none, gzip, snappy, lz4 or zstd.`
  )
}

/** Native code, which is not there for every platform: loaded with the first batch that needs it. */
const lz4 = () => createRequire(import.meta.url)('lz4-napi') as typeof import('lz4-napi')

const XERIAL = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0])
const XERIAL_HEADER_BYTES = 16

/** Java clients write blocks, each after its length (snappy-java's stream format); others one block and nothing else. */
function unsnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return unsnappyBlock(bytes)
  const blocks: Buffer[] = []
  for (let start = XERIAL_HEADER_BYTES; start < bytes.length; ) {
    const end = start + 4 + bytes.readInt32BE(start)
    blocks.push(unsnappyBlock(bytes.subarray(start + 4, end)))
    start = end
  }
  return Buffer.concat(blocks)
}

/** A block begins with how many bytes it stands for. */
function unsnappyBlock(block: Buffer): Buffer {
  const plain = Buffer.alloc(new BytesReader(block).varint())
  snappyUncompress(block, plain)
  return plain
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
