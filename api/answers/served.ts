import type { Answer } from '../schemas/recommendations.js'

const COMPUTED = ',"cache_hit":false,"query_time_ms":    0.000}'
const CACHED = ',"cache_hit": true,"query_time_ms":    0.000}'
const INTEGER_DIGITS = 5
const MOST = 99_999_999
const ZERO = 48
const SPACE = 32
/** Text is encoded once, here. */
let scratch = Buffer.allocUnsafe(64 * 1024)

/** An answer as JSON: as it was computed, and as it will come from the cache. `stampTime` completes both. */
export function serialise(answer: Answer): { computed: Buffer; cached: Buffer } {
  const text = JSON.stringify(answer)
  const most = 3 * text.length + CACHED.length
  if (scratch.length < most) scratch = Buffer.allocUnsafe(2 * most)
  const open = scratch.write(text) - 1
  const end = open + scratch.write(COMPUTED, open)
  const computed = Buffer.from(scratch.subarray(0, end))
  scratch.write(CACHED, open)
  return { computed, cached: Buffer.from(scratch.subarray(0, end)) }
}

/**
 * Writes the time that a request took into an answer, in place. One buffer serves all hits, because a copy would cost more
 * than the rest of a hit; the time has a fixed width, so that a reply that is still being sent stays valid JSON.
 */
export function stampTime(json: Buffer, milliseconds: number): Buffer {
  let digits = Math.min(MOST, Math.max(0, Math.round(milliseconds * 1000)))
  let at = json.length - 2
  for (const point = at - 3; at > point; at--) {
    json[at] = ZERO + (digits % 10)
    digits = Math.floor(digits / 10)
  }
  at--
  for (let i = 0; i < INTEGER_DIGITS; i++, at--) {
    json[at] = i === 0 || digits > 0 ? ZERO + (digits % 10) : SPACE
    digits = Math.floor(digits / 10)
  }
  return json
}

/** The last known answer, while none can be computed. */
export function asStale(json: Buffer): string {
  return JSON.stringify({ ...(JSON.parse(json.toString()) as object), stale: true })
}
