import type { Answer } from '../schemas/recommendations.js'

/** The JSON text of an answer without its last brace: what is kept in the cache. */
export const openText = (answer: Answer): string => JSON.stringify(answer).slice(0, -1)

/** Completes it with how it was served. `started` is a `performance.now()`. */
export function served(open: string, cacheHit: boolean, started: number): string {
  const time = Math.round((performance.now() - started) * 1000) / 1000
  return `${open},"cache_hit":${cacheHit},"query_time_ms":${time}}`
}
