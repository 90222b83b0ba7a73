/**
 * Keys in Redis. All begin with `segue:`; what follows is the application id, so that applications (blue and green) lie side by
 * side. docs/redis.md describes them for others.
 */
import type { ViewSpace } from './view.js'

/** The application whose values are answered from. */
export const LIVE_KEY = 'segue:live'
/** Also the channel on which its change is told. */
export const LIVE_CHANNEL = LIVE_KEY

/** A hash: the values of a space by record key, and its positions. */
export const valuesKey = (application: string, space: string): string => `segue:${application}:${space}`
/** A sorted set: the same record keys in order, and the positions again. */
export const orderKey = (application: string, space: string): string => `segue:${application}:${space}:keys`
/** The channel on which changed record keys are told. */
export const changesChannel = (application: string): string => `segue:${application}:changes`

/**
 * The field of a partition's position. No record key begins with it: ids hold no control characters. That a position lies in
 * both keys shows an eviction: Redis drops whole keys, so either of them then lacks it, and the space is filled anew.
 */
export const positionField = (partition: number): string => `\0${partition}`

/** What a message on a changes channel holds. */
export interface Change {
  /** Who made it. */
  readonly by: string
  readonly space: ViewSpace
  readonly keys: readonly string[]
}
