import type { ListeningEvent } from '../../schemas/events.js'
import { NONE } from './play-table.js'
import type { Names } from './session.js'

/** The strings of an event as ids of `Names`. */
export interface EventIds {
  readonly track: number
  readonly artist: number
  readonly trackName: number
  readonly artistName: number
  /** NONE: it has none. */
  readonly country: number
}

/** What was last said of a track. */
interface Told {
  readonly artist_id: string
  readonly track_name: string
  readonly artist_name: string
  readonly country: string | null
  readonly ids: EventIds
}

/** Nearly all events repeat what the last one said of their track: comparing strings takes less than looking each of them up. */
export class EventIdentifier {
  #told: (Told | undefined)[] = []

  constructor(private readonly names: Names) {}

  idsOf(event: ListeningEvent): EventIds {
    const track = this.names.intern(event.track_id)
    const told = this.#told[track]
    if (
      told !== undefined &&
      told.country === event.country &&
      told.artist_id === event.artist_id &&
      told.track_name === event.track_name &&
      told.artist_name === event.artist_name
    ) {
      return told.ids
    }
    return this.#tell(track, event)
  }

  /** The names' ids became invalid. */
  clear(): void {
    this.#told = []
  }

  #tell(track: number, { artist_id, track_name, artist_name, country }: ListeningEvent): EventIds {
    const { names } = this
    const ids: EventIds = {
      track,
      artist: names.intern(artist_id),
      trackName: names.intern(track_name),
      artistName: names.intern(artist_name),
      country: country === null ? NONE : names.intern(country)
    }
    while (this.#told.length <= track) this.#told.push(undefined)
    this.#told[track] = { artist_id, track_name, artist_name, country, ids }
    return ids
  }
}
