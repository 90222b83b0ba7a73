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

/** Nearly all events repeat what the last one said of their track: comparing strings takes less than looking each of them up. */
export class EventIdentifier {
  /** What was last said of a track. */
  #told: (EventIds | undefined)[] = []

  constructor(private readonly names: Names) {}

  idsOf(event: ListeningEvent): EventIds {
    const { names } = this
    const track = names.intern(event.track_id)
    const country = event.country === null ? NONE : names.intern(event.country)
    const told = this.#told[track]
    if (told === undefined || !this.#repeats(event, told))
      return this.#tell({
        track,
        artist: names.intern(event.artist_id),
        trackName: names.intern(event.track_name),
        artistName: names.intern(event.artist_name),
        country
      })
    return told.country === country ? told : this.#tell({ ...told, country })
  }

  /** The names' ids became invalid. */
  clear(): void {
    this.#told = []
  }

  #repeats({ artist_id, track_name, artist_name }: ListeningEvent, told: EventIds): boolean {
    const { names } = this
    return names.name(told.artist) === artist_id && names.name(told.trackName) === track_name && names.name(told.artistName) === artist_name
  }

  #tell(ids: EventIds): EventIds {
    while (this.#told.length <= ids.track) this.#told.push(undefined)
    this.#told[ids.track] = ids
    return ids
  }
}
