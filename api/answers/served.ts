import type { Answer } from '../schemas/recommendations.js'

const ZERO = 48

/** An answer as JSON: as it was computed, and as it will come from the cache. */
export function serialise(answer: Answer, milliseconds: number): { computed: string; cached: Buffer } {
  const open = JSON.stringify(answer).slice(0, -1)
  const computed = `${open},"cache_hit":false,"query_time_ms":${Math.round(milliseconds * 1000) / 1000}}`
  return { computed, cached: Buffer.from(`${open},"cache_hit":true,"query_time_ms":0.000}`) }
}

/**
 * Writes the time that a hit took into a cached answer, in place. One buffer serves all requests, because a copy would cost
 * more than the rest of a hit; the time has a fixed width, so that a reply that is still being sent stays valid JSON.
 */
export function stampTime(cached: Buffer, milliseconds: number): Buffer {
  const digits = Math.min(9_999, Math.max(0, Math.round(milliseconds * 1000)))
  const end = cached.length - 1
  cached[end - 1] = ZERO + (digits % 10)
  cached[end - 2] = ZERO + (Math.floor(digits / 10) % 10)
  cached[end - 3] = ZERO + (Math.floor(digits / 100) % 10)
  cached[end - 5] = ZERO + Math.floor(digits / 1000)
  return cached
}
