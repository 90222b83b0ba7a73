import { crc32 } from 'node:zlib'

/**
 * Values are kept with four bytes after them: the CRC-32 of the value, seeded with a hash of its key, so that a flipped
 * bit in either is noticed, and a value under a wrong key too. Costs about 0.3 microseconds for 200 bytes.
 */
export const TRAILER = 4

const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** FNV-1a of the key's UTF-8 bytes. */
function hashKey(key: string): number {
  let hash = FNV_BASIS
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    if (code > 127) return hashBytes(Buffer.from(key), 0, Buffer.byteLength(key))
    hash = Math.imul(hash ^ code, FNV_PRIME)
  }
  return hash >>> 0
}

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_BASIS
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME)
  return hash >>> 0
}

const SLAB = 256 * 1024

/** Seals values into shared slabs of memory: one allocation for about a thousand values. A sealed value is never reused. */
export class Sealer {
  #slab = Buffer.allocUnsafeSlow(0)
  #offset = 0

  seal(key: string, value: Uint8Array): Buffer {
    const size = value.length + TRAILER
    if (this.#offset + size > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB, size))
      this.#offset = 0
    }
    const sealed = this.#slab.subarray(this.#offset, this.#offset + size)
    this.#offset += size
    sealed.set(value)
    sealed.writeUInt32LE(crc32(value, hashKey(key)), value.length)
    return sealed
  }
}

/** The value without its trailer (a view of the same memory); undefined if it is not what was sealed under the key. */
export function unseal(key: string, sealed: Buffer): Buffer | undefined {
  const length = sealed.length - TRAILER
  if (length < 0) return undefined
  const value = sealed.subarray(0, length)
  return sealed.readUInt32LE(length) === crc32(value, hashKey(key)) ? value : undefined
}

/** Whether `bytes` from `start` to `end` are a value sealed under the key whose hash is given. */
export function isSealed(keyHash: number, bytes: Buffer, start: number, end: number): boolean {
  const length = end - TRAILER
  return length >= start && bytes.readUInt32LE(length) === crc32(bytes.subarray(start, length), keyHash)
}

export { hashBytes as keyHashOf }
