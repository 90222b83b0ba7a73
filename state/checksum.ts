import { crc32 } from 'node:zlib'

/**
 * Values are kept with four bytes after them: a checksum of the value, seeded with a hash of its key, so that a flipped bit
 * in either is noticed, and a value under a wrong key too. Native CRC-32 for long values; for short ones its call costs
 * more than FNV-1a in JavaScript (0.1 microseconds for 50 bytes, 0.3 for 200 and more).
 */
export const TRAILER = 4

const SHORT = 128
const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193

function checksum(keyHash: number, bytes: Uint8Array, start: number, end: number): number {
  return end - start <= SHORT ? fnv(keyHash, bytes, start, end) : crc32(bytes.subarray(start, end), keyHash)
}

/** FNV-1a, going on from `hash`. */
function fnv(hash: number, bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME)
  return hash >>> 0
}

/** Of the key's UTF-8 bytes. */
export const hashKeyBytes = (bytes: Uint8Array, start: number, end: number): number => fnv(FNV_BASIS, bytes, start, end)

function hashKey(key: string): number {
  let hash = FNV_BASIS
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    if (code > 127) {
      const bytes = Buffer.from(key)
      return hashKeyBytes(bytes, 0, bytes.length)
    }
    hash = Math.imul(hash ^ code, FNV_PRIME)
  }
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
    sealed.writeUInt32LE(checksum(hashKey(key), value, 0, value.length), value.length)
    return sealed
  }
}

/** The value without its trailer (a view of the same memory); undefined if it is not what was sealed under the key. */
export function unseal(key: string, sealed: Buffer): Buffer | undefined {
  return isSealed(hashKey(key), sealed, 0, sealed.length) ? sealed.subarray(0, sealed.length - TRAILER) : undefined
}

/** Whether `bytes` from `start` to `end` are a value sealed under the key whose hash is given. */
export function isSealed(keyHash: number, bytes: Buffer, start: number, end: number): boolean {
  const length = end - TRAILER
  if (length < start) return false
  const stored = bytes[length]! | (bytes[length + 1]! << 8) | (bytes[length + 2]! << 16) | (bytes[length + 3]! << 24)
  return stored >>> 0 === checksum(keyHash, bytes, start, length)
}
