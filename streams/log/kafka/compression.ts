import { gunzipSync, gzipSync } from 'node:zlib'
import { LogConfigError } from '../log.js'
import type { Compression } from './options.js'

interface Codec {
  readonly id: number
  compress(bytes: Buffer): Buffer
  decompress(bytes: Buffer): Buffer
}

const codecs: Record<Compression, Codec> = {
  none: { id: 0, compress: bytes => bytes, decompress: bytes => bytes },
  gzip: { id: 1, compress: bytes => gzipSync(bytes, { level: 1 }), decompress: bytes => gunzipSync(bytes) }
}
const byId = new Map(Object.values(codecs).map(codec => [codec.id, codec]))
const OTHERS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

export const codecOf = (compression: Compression): Codec => codecs[compression]

/** @throws LogConfigError another client wrote with a codec that is not supported. */
export function decompress(id: number, bytes: Buffer): Buffer {
  const codec = byId.get(id)
  if (codec !== undefined) return codec.decompress(bytes)
  throw new LogConfigError(
    `A record batch is compressed with ${OTHERS[id] ?? `codec ${id}`}, which can't be read here: let its producer use ${Object.keys(codecs).join(' or ')}.`
  )
}
