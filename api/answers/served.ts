import type { Answer } from '../schemas/recommendations.js'

const COMPUTED = ',"cache_hit":false,"query_time_ms":    0.000}'
const CACHED = ',"cache_hit": true,"query_time_ms":    0.000}'
const INTEGER_DIGITS = 5
const MOST = 99_999_999
const ZERO = 48
const SPACE = 32
/** Text is encoded once, here. */
let scratch = Buffer.allocUnsafe(64 * 1024)

/** An answer as JSON, as it was computed. `stampTime` completes it. */
export function serialise(answer: Answer): Buffer {
  const text = JSON.stringify(answer)
  const most = 3 * text.length + COMPUTED.length
  if (scratch.length < most) scratch = Buffer.allocUnsafe(2 * most)
  const open = scratch.write(text) - 1
  return Buffer.from(scratch.subarray(0, open + scratch.write(COMPUTED, open)))
}

/** A copy as it comes from the cache: what is still being sent stays as it was computed. */
export function asCached(computed: Buffer): Buffer {
  const cached = Buffer.from(computed)
  cached.write(CACHED, cached.length - CACHED.length)
  return cached
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
  return JSON.stringify({ ...(JSON.parse(json.toString()) as object), cache_hit: true, stale: true })
}
