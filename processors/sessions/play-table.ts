import type { EventIds } from './event-ids.js'
import { RowIndex, withRoom } from './row-index.js'

/** No country. */
export const NONE = -1

/**
 * Plays, and other events that say names, by track, artist, their names, minute and country, merged. All but `minute`, `count`,
 * `others` and `latest` are ids of `Names`.
 */
export class PlayTable {
  readonly #index = new RowIndex()
  track = new Int32Array(512)
  trackName = new Int32Array(512)
  artist = new Int32Array(512)
  artistName = new Int32Array(512)
  country = new Int32Array(512)
  /** occurred_at / 60000, rounded down. */
  minute = new Float64Array(512)
  count = new Int32Array(512)
  /** Events that are no plays. */
  others = new Int32Array(512)
  /** The greatest occurred_at. */
  latest = new Float64Array(512)

  get size(): number {
    return this.#index.size
  }

  add({ track, trackName, artist, artistName, country }: EventIds, occurredAt: number, count: number, others: number): void {
    const index = this.#index
    const minute = Math.floor(occurredAt / 60_000)
    const hash = Math.imul(track, 0x9e3779b1) ^ Math.imul(minute | 0, 0x85ebca6b) ^ Math.imul(country, 0xc2b2ae35)
    let at = index.start(hash)
    for (let row = index.rowAt(at); row >= 0; row = index.rowAt(at)) {
      if (
        this.track[row] === track &&
        this.minute[row] === minute &&
        this.country[row] === country &&
        this.artist[row] === artist &&
        this.trackName[row] === trackName &&
        this.artistName[row] === artistName
      ) {
        this.count[row]! += count
        this.others[row]! += others
        if (occurredAt > this.latest[row]!) this.latest[row] = occurredAt
        return
      }
      at = index.next(at)
    }
    const row = index.add(at, hash)
    if (row === this.track.length) this.#grow(row)
    this.track[row] = track
    this.trackName[row] = trackName
    this.artist[row] = artist
    this.artistName[row] = artistName
    this.country[row] = country
    this.minute[row] = minute
    this.count[row] = count
    this.others[row] = others
    this.latest[row] = occurredAt
  }

  clear(): void {
    this.#index.clear()
  }

  #grow(row: number): void {
    this.track = withRoom(this.track, row)
    this.trackName = withRoom(this.trackName, row)
    this.artist = withRoom(this.artist, row)
    this.artistName = withRoom(this.artistName, row)
    this.country = withRoom(this.country, row)
    this.minute = withRoom(this.minute, row)
    this.count = withRoom(this.count, row)
    this.others = withRoom(this.others, row)
    this.latest = withRoom(this.latest, row)
  }
}
