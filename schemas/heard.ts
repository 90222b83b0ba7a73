/**
 * The tracks that a listener heard on a day, in four bytes each (user-days). A track is taken for one of a thousand others with
 * a probability of one in four million: good enough to leave it out of a list, and an eighth of the ids.
 */

/** FNV-1a over UTF-16 units, with murmur3's finaliser: the low bits of similar ids differ. */
export function idHash(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Hashes as bytes, little-endian. */
export function packHashes(hashes: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * hashes.length)
  for (let i = 0; i < hashes.length; i++) bytes.writeUInt32LE(hashes[i]!, 4 * i)
  return bytes
}

export function addHashes(bytes: Uint8Array, to: Set<number>): void {
  const { buffer, byteOffset, length } = bytes
  const view = new DataView(buffer, byteOffset, length)
  for (let at = 0; at + 4 <= length; at += 4) to.add(view.getUint32(at, true))
}
