import { randomFillSync } from 'node:crypto'
import type { AnswerTopic, TopicValues } from '../schemas/catalogue.js'

/** A fact that the API tells. */
export type Told = { [T in AnswerTopic]: { readonly topic: T; readonly value: TopicValues[T] } }[AnswerTopic]

/** Takes facts without making anybody wait. Given to the API by whoever composes the program. */
export interface Facts {
  /** To be written soon. What comes faster than it can be written is lost, and counted. */
  tell(fact: Told): void
  /** Resolves when it is durable. */
  write(facts: readonly Told[]): Promise<void>
  counts(): { readonly written: number; readonly lost: number; readonly waiting: number }
}

/** Asking for random bytes costs much more than taking them: many ids' at once. */
const random = Buffer.alloc(16 * 256)
let used = random.length

/** A UUID of version 7 (RFC 9562): the first 48 bits are the time. */
export function timeId(now: number): string {
  if (used === random.length) {
    randomFillSync(random)
    used = 0
  }
  const bytes = random.subarray(used, used + 16)
  used += 16
  bytes.writeUIntBE(now, 0, 6)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** When it was made, milliseconds. */
export const timeOfId = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
