import type { DeltaSink } from './deltas.js'
import type { EventIds } from './event-ids.js'
import { PairTable } from './pair-table.js'
import { PlayTable } from './play-table.js'
import { withRoom } from './row-index.js'
import type { Names } from './session.js'

/** What the events since the last commit changed for tracks and artists, merged. Integers are ids of `names`. */
export class Updates implements DeltaSink {
  readonly pairs = new PairTable()
  readonly plays = new PlayTable()
  /** Per track: changes of sessions(a) and of N(a). */
  sessionsOf = new Int32Array(1024)
  nOf = new Float64Array(1024)
  /** Tracks whose sessions or N changed. */
  readonly tracks = new Set<number>()

  constructor(readonly names: Names) {}

  /** Counts an event (1) or takes it back (-1): a play, or another one, which only says names. */
  event(ids: EventIds, occurredAt: number, isPlay: boolean, change: 1 | -1): void {
    this.plays.add(ids, occurredAt, isPlay ? change : 0, isPlay ? 0 : change)
  }

  sessions(track: number, change: number): void {
    this.#touch(track)
    this.sessionsOf[track]! += change
  }

  n(track: number, change: number): void {
    this.#touch(track)
    this.nOf[track]! += change
  }

  pair(a: number, b: number, forward: number, backward: number, together: number): void {
    this.pairs.add(a, b, forward, backward, together)
  }

  /** Ids of `names` stay valid. */
  clear(): void {
    for (const track of this.tracks) {
      this.sessionsOf[track] = 0
      this.nOf[track] = 0
    }
    this.tracks.clear()
    this.pairs.clear()
    this.plays.clear()
  }

  #touch(track: number): void {
    if (track >= this.nOf.length) {
      this.sessionsOf = withRoom(this.sessionsOf, track)
      this.nOf = withRoom(this.nOf, track)
    }
    this.tracks.add(track)
  }
}
