import type { TrackPlays, TrackUpdates } from '../../schemas/events.js'
import { Adjacency } from './adjacency.js'
import { NONE } from './play-table.js'
import { RecordDictionary } from './record-dictionary.js'
import { byPartition, type PartitionOf, PLAYS_BYTES, RECORD_BYTES, rows, type Send } from './split-records.js'
import type { Updates } from './updates.js'

const TRACK_BYTES = 16
const PAIR_BYTES = 15

/** Packs what changed for tracks into few records for each partition; both directions of a pair go to their owners. */
export class TrackPacker {
  readonly #dictionary: RecordDictionary
  readonly #adjacency: Adjacency
  #record: TrackUpdates = emptyTracks()
  #bytes = 0

  constructor(private readonly updates: Updates) {
    this.#dictionary = new RecordDictionary(updates.names)
    this.#adjacency = new Adjacency(updates.pairs)
  }

  pack(partitions: number, partitionOf: PartitionOf, send: Send<TrackUpdates>): void {
    const { updates } = this
    const owners = new Set(this.#adjacency.build(updates.names.size))
    for (const track of updates.tracks) if (updates.sessionsOf[track] !== 0 || updates.nOf[track] !== 0) owners.add(track)
    const tracks = byPartition(owners, partitions, partitionOf)
    const plays = byPartition(rows(updates.plays.size), partitions, row => partitionOf(updates.plays.track[row]!))
    for (let partition = 0; partition < partitions; partition++) {
      for (const track of tracks[partition]!) this.#track(track, partition, send)
      for (const row of plays[partition]!) this.#plays(row, partition, send)
      this.#send(partition, send)
    }
  }

  #track(track: number, partition: number, send: Send<TrackUpdates>): void {
    const { updates } = this
    const adjacency = this.#adjacency
    const degree = adjacency.degree(track)
    this.#open(track, updates.sessionsOf[track] ?? 0, updates.nOf[track] ?? 0, degree)
    for (let i = 0; i < degree; i++) {
      const entry = adjacency.entry(track, i)
      this.#record.other.push(this.#dictionary.at(adjacency.other(entry)))
      this.#record.together.push(adjacency.together(entry))
      this.#record.weight.push(adjacency.weight(entry))
      this.#bytes += PAIR_BYTES
      if (i + 1 === degree || !this.#isFull()) continue
      // The rest of its neighbours goes on in the next record, where the track itself has nothing to add.
      const rest = degree - i - 1
      this.#record.neighbours[this.#record.neighbours.length - 1]! -= rest
      this.#send(partition, send)
      this.#open(track, 0, 0, rest)
    }
    if (this.#isFull()) this.#send(partition, send)
  }

  #open(track: number, sessions: number, n: number, neighbours: number): void {
    this.#record.track.push(this.#dictionary.at(track))
    this.#record.sessions.push(sessions)
    this.#record.n.push(n)
    this.#record.neighbours.push(neighbours)
    this.#bytes += TRACK_BYTES
  }

  #plays(row: number, partition: number, send: Send<TrackUpdates>): void {
    const { plays } = this.updates
    const at = (id: number): number => this.#dictionary.at(id)
    const country = plays.country[row]!
    const entry: TrackPlays = {
      track: at(plays.track[row]!),
      name: at(plays.trackName[row]!),
      artist: at(plays.artist[row]!),
      minute: plays.minute[row]!,
      country: country === NONE ? NONE : at(country),
      count: plays.count[row]!,
      latest: plays.latest[row]!,
      others: plays.others[row]!
    }
    this.#record.plays.push(entry)
    this.#bytes += PLAYS_BYTES
    if (this.#isFull()) this.#send(partition, send)
  }

  #isFull(): boolean {
    return this.#bytes + this.#dictionary.bytes >= RECORD_BYTES
  }

  #send(partition: number, send: Send<TrackUpdates>): void {
    if (this.#bytes === 0) return
    this.#record.dictionary = this.#dictionary.strings
    send(partition, this.#record)
    this.#record = emptyTracks()
    this.#bytes = 0
    this.#dictionary.next()
  }
}

const emptyTracks = (): TrackUpdates => ({
  dictionary: [],
  track: [],
  sessions: [],
  n: [],
  neighbours: [],
  other: [],
  together: [],
  weight: [],
  plays: [],
  play_corrections: [],
  chart_corrections: []
})
