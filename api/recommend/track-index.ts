import type { TrackNeighbours } from '../../schemas/events.js'

/** A neighbour list in columns: the tracks as small integers, follow(a → b), together(a, b). */
export interface IndexedList {
  readonly generation: number
  readonly sessions: number
  readonly tracks: Int32Array
  readonly follow: Float64Array
  readonly together: Int32Array
}

/**
 * Gives tracks small integers, so that scores are summed in arrays instead of hash tables, and remembers the columns of
 * each neighbour list for as long as its object lives (a view returns the same object until it changes), and the artists
 * it was told. When it has grown to `maxTracks` it starts anew: lists of an older generation are indexed again when met.
 */
export class TrackIndex {
  #generation = 0
  #numbers = new Map<string, number>()
  #names: string[] = []
  #artists: (string | undefined)[] = []
  #lists = new WeakMap<TrackNeighbours, IndexedList>()

  constructor(private readonly maxTracks = 500_000) {}

  get size(): number {
    return this.#names.length
  }

  /** Call before the first `list` of a recommendation: a new generation begins only here. */
  begin(): void {
    if (this.#names.length < this.maxTracks) return
    this.#generation++
    this.#numbers = new Map()
    this.#names = []
    this.#artists = []
  }

  find(track: string): number | undefined {
    return this.#numbers.get(track)
  }

  name(track: number): string {
    return this.#names[track]!
  }

  /** Undefined: not learnt. */
  artist(track: number): string | undefined {
    return this.#artists[track]
  }

  /** Remembers a track's artist until it is forgotten. Tracks that no list names are not remembered. */
  learnArtist(track: string, artist: string | undefined): void {
    const number = this.#numbers.get(track)
    if (number !== undefined) this.#artists[number] = artist
  }

  forgetArtists(): void {
    this.#artists.fill(undefined)
  }

  list(list: TrackNeighbours): IndexedList {
    const known = this.#lists.get(list)
    if (known?.generation === this.#generation) return known
    const size = list.neighbours.length
    const indexed = {
      generation: this.#generation,
      sessions: list.sessions,
      tracks: new Int32Array(size),
      follow: new Float64Array(size),
      together: new Int32Array(size)
    }
    for (let i = 0; i < size; i++) {
      const neighbour = list.neighbours[i]!
      indexed.tracks[i] = this.#number(neighbour.track_id)
      indexed.follow[i] = list.n > 0 ? neighbour.weight / list.n : 0
      indexed.together[i] = neighbour.together
    }
    this.#lists.set(list, indexed)
    return indexed
  }

  #number(track: string): number {
    const known = this.#numbers.get(track)
    if (known !== undefined) return known
    const number = this.#names.length
    this.#names.push(track)
    this.#artists.push(undefined)
    this.#numbers.set(track, number)
    return number
  }
}
