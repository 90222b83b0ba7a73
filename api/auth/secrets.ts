import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits: nothing that could be guessed, so that a fast hash is enough to keep. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

export const hashOf = (secret: string): string => createHash('sha256').update(secret, 'utf8').digest('base64url')

export function isHashOf(hash: string, secret: string): boolean {
  const given = Buffer.from(hashOf(secret))
  const kept = Buffer.from(hash)
  return given.length === kept.length && timingSafeEqual(given, kept)
}
