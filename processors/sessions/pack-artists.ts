import type { ArtistPlays, ArtistUpdates } from '../../schemas/events.js'
import { NONE } from './play-table.js'
import { RecordDictionary } from './record-dictionary.js'
import { byPartition, type PartitionOf, PLAYS_BYTES, RECORD_BYTES, rows, type Send } from './split-records.js'
import type { Updates } from './updates.js'

/** Packs what changed for artists into few records for each partition. */
export class ArtistPacker {
  readonly #dictionary: RecordDictionary

  constructor(private readonly updates: Updates) {
    this.#dictionary = new RecordDictionary(updates.names)
  }

  pack(partitions: number, partitionOf: PartitionOf, send: Send<ArtistUpdates>): void {
    const { plays } = this.updates
    const rowsOf = byPartition(rows(plays.size), partitions, row => partitionOf(plays.artist[row]!))
    for (let partition = 0; partition < partitions; partition++) {
      let entries: ArtistPlays[] = []
      for (const row of rowsOf[partition]!) {
        entries.push(this.#entry(row))
        if (entries.length * PLAYS_BYTES + this.#dictionary.bytes < RECORD_BYTES) continue
        this.#send(partition, entries, send)
        entries = []
      }
      if (entries.length > 0) this.#send(partition, entries, send)
    }
  }

  #entry(row: number): ArtistPlays {
    const { plays } = this.updates
    const at = (id: number): number => this.#dictionary.at(id)
    const country = plays.country[row]!
    return {
      artist: at(plays.artist[row]!),
      name: at(plays.artistName[row]!),
      track: at(plays.track[row]!),
      minute: plays.minute[row]!,
      country: country === NONE ? NONE : at(country),
      count: plays.count[row]!,
      latest: plays.latest[row]!,
      others: plays.others[row]!
    }
  }

  #send(partition: number, plays: ArtistPlays[], send: Send<ArtistUpdates>): void {
    send(partition, { dictionary: this.#dictionary.strings, plays, chart_corrections: [] })
    this.#dictionary.next()
  }
}
