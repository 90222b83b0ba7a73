import type { TrackNeighbours } from '../../schemas/events.js'
import { greatestAffinityPart, type Situation } from './situation.js'
import { type IndexedList, TrackIndex } from './track-index.js'

/** The candidates that can still be among the first `limit`, whatever their artists; columns of equal length. */
export interface Contenders {
  readonly tracks: readonly string[]
  /** Undefined: the index was not told (`learnArtist`); to be filled in before `rank`. */
  readonly artists: (string | undefined)[]
  /** The co-occurrence part, in [0, 1]. */
  readonly cooccurrence: Float64Array
  /** together(s_1, b) */
  readonly together: Int32Array
}

/** The neighbour list of each context track, in the context's order; undefined where it has none. */
export type ContextLists = readonly (TrackNeighbours | undefined)[]

export const COOCCURRENCE_WEIGHT = 0.7
export const AFFINITY_WEIGHT = 0.3

/**
 * The co-occurrence part of both strategies (semantics, section 6). A pure function of its arguments; the instance keeps
 * only scratch arrays and the index of tracks, so use one for many calls.
 */
export class Scorer {
  #scores = new Float64Array(0)
  #together = new Int32Array(0)
  /** Which call touched a track's cells last: `call` as a candidate, `-call` as a track of the session. */
  #touched = new Int32Array(0)
  #candidates = new Int32Array(0)
  #call = 0
  #count = 0

  constructor(readonly index = new TrackIndex()) {}

  /**
   * Scores the neighbours of the context and leaves out those that can't come among the first `limit`: whose score with
   * the listener's greatest affinity part stays below that of `limit` others with none.
   */
  contenders(situation: Situation, lists: ContextLists, limit: number): Contenders {
    this.index.begin()
    const indexed = lists.map(list => list && this.index.list(list))
    this.#reserve(indexed)
    for (const track of situation.session) {
      const number = this.index.find(track)
      if (number !== undefined) this.#touched[number] = -this.#call
    }
    for (let k = 0; k < indexed.length; k++) {
      const list = indexed[k]
      if (list) this.#add(list, situation.strategy === 'baseline' ? 'cooccurrence' : 1 / (k + 1), k === 0)
    }
    if (situation.strategy === 'session') this.#normalise()
    return this.#collect(COOCCURRENCE_WEIGHT * this.#nth(limit), AFFINITY_WEIGHT * greatestAffinityPart(situation))
  }

  /** What each context track contributed to c(b): (1/k) · follow(s_k → b). */
  contributions(lists: ContextLists, track: string): number[] {
    const indexed = lists.map(list => list && this.index.list(list))
    const number = this.index.find(track)
    return indexed.map((list, k) => {
      const at = list && number !== undefined ? list.tracks.indexOf(number) : -1
      return at < 0 ? 0 : (1 / (k + 1)) * list!.follow[at]!
    })
  }

  #reserve(lists: readonly (IndexedList | undefined)[]): void {
    const cells = this.index.size
    if (this.#touched.length < cells || this.#call === 0x7fffffff) {
      this.#scores = new Float64Array(2 * cells)
      this.#together = new Int32Array(2 * cells)
      this.#touched = new Int32Array(2 * cells)
      this.#call = 0
    }
    const most = lists.reduce((sum, list) => sum + (list?.tracks.length ?? 0), 0)
    if (this.#candidates.length < most) this.#candidates = new Int32Array(2 * most)
    this.#count = 0
    this.#call++
  }

  #add(list: IndexedList, factor: number | 'cooccurrence', current: boolean): void {
    const { tracks, follow, together } = list
    const call = this.#call
    for (let i = 0; i < tracks.length; i++) {
      const track = tracks[i]!
      const part = factor !== 'cooccurrence' ? factor * follow[i]! : list.sessions > 0 ? together[i]! / list.sessions : 0
      const touched = this.#touched[track]!
      if (touched === call) {
        this.#scores[track]! += part
      } else if (touched !== -call) {
        this.#touched[track] = call
        this.#scores[track] = part
        this.#together[track] = current ? together[i]! : 0
        this.#candidates[this.#count++] = track
      }
    }
  }

  #normalise(): void {
    let max = 0
    for (let i = 0; i < this.#count; i++) max = Math.max(max, this.#scores[this.#candidates[i]!]!)
    for (let i = 0; i < this.#count; i++) this.#scores[this.#candidates[i]!] = max > 0 ? this.#scores[this.#candidates[i]!]! / max : 0
  }

  /** The nth greatest co-occurrence part; 0 where there are fewer. */
  #nth(n: number): number {
    if (this.#count <= n) return 0
    const greatest = new Float64Array(n)
    for (let i = 0; i < this.#count; i++) {
      const score = this.#scores[this.#candidates[i]!]!
      if (score <= greatest[n - 1]!) continue
      let at = n - 1
      for (; at > 0 && greatest[at - 1]! < score; at--) greatest[at] = greatest[at - 1]!
      greatest[at] = score
    }
    return greatest[n - 1]!
  }

  #collect(enough: number, atMost: number): Contenders {
    let kept = 0
    for (let i = 0; i < this.#count; i++) {
      const track = this.#candidates[i]!
      if (COOCCURRENCE_WEIGHT * this.#scores[track]! + atMost >= enough) this.#candidates[kept++] = track
    }
    const tracks = new Array<string>(kept)
    const artists = new Array<string | undefined>(kept)
    const cooccurrence = new Float64Array(kept)
    const together = new Int32Array(kept)
    for (let i = 0; i < kept; i++) {
      const track = this.#candidates[i]!
      tracks[i] = this.index.name(track)
      artists[i] = this.index.artist(track)
      cooccurrence[i] = this.#scores[track]!
      together[i] = this.#together[track]!
    }
    return { tracks, artists, cooccurrence, together }
  }
}
