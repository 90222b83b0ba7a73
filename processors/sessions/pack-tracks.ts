import type { TrackPlays, TrackUpdates } from '../../schemas/events.js'
import { Adjacency } from './adjacency.js'
import { Column } from './column.js'
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
  readonly #columns = columns()
  #plays: TrackPlays[] = []
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
      for (const row of plays[partition]!) this.#play(row, partition, send)
      this.#send(partition, send)
    }
  }

  #track(track: number, partition: number, send: Send<TrackUpdates>): void {
    const { updates } = this
    const adjacency = this.#adjacency
    const { neighbours, other, together, weight } = this.#columns
    const degree = adjacency.degree(track)
    this.#open(track, updates.sessionsOf[track] ?? 0, updates.nOf[track] ?? 0, degree)
    for (let i = 0; i < degree; i++) {
      const entry = adjacency.entry(track, i)
      other.push(this.#dictionary.at(adjacency.other(entry)))
      together.push(adjacency.together(entry))
      weight.push(adjacency.weight(entry))
      this.#bytes += PAIR_BYTES
      if (i + 1 === degree || !this.#isFull()) continue
      // The rest of its neighbours goes on in the next record, where the track itself has nothing to add.
      const rest = degree - i - 1
      neighbours.push(neighbours.pop() - rest)
      this.#send(partition, send)
      this.#open(track, 0, 0, rest)
    }
    if (this.#isFull()) this.#send(partition, send)
  }

  #open(track: number, sessions: number, n: number, neighbours: number): void {
    this.#columns.track.push(this.#dictionary.at(track))
    this.#columns.sessions.push(sessions)
    this.#columns.n.push(n)
    this.#columns.neighbours.push(neighbours)
    this.#bytes += TRACK_BYTES
  }

  #play(row: number, partition: number, send: Send<TrackUpdates>): void {
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
    this.#plays.push(entry)
    this.#bytes += PLAYS_BYTES
    if (this.#isFull()) this.#send(partition, send)
  }

  #isFull(): boolean {
    return this.#bytes + this.#dictionary.bytes >= RECORD_BYTES
  }

  #send(partition: number, send: Send<TrackUpdates>): void {
    if (this.#bytes === 0) return
    const { track, sessions, n, neighbours, other, together, weight } = this.#columns
    send(partition, {
      dictionary: this.#dictionary.strings,
      track: track.take(),
      sessions: sessions.take(),
      n: n.take(),
      neighbours: neighbours.take(),
      other: other.take(),
      together: together.take(),
      weight: weight.take(),
      plays: this.#plays,
      play_corrections: [],
      chart_corrections: []
    })
    this.#plays = []
    this.#bytes = 0
    this.#dictionary.next()
  }
}

const columns = () => ({
  track: new Column(),
  sessions: new Column(),
  n: new Column(),
  neighbours: new Column(),
  other: new Column(),
  together: new Column(),
  weight: new Column()
})
