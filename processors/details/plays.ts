import type { ByteReader, ByteWriter, Dictionary } from '../../streams/processor.js'
import { RecordIds } from '../record-ids.js'
import { readRow, writeRow } from './candidates.js'

/**
 * Rows of four numbers, one after the other: latest occurred_at, name, artist (of a track) or track (of an artist), count. Latest 0: a
 * repair, which says no names.
 */
export type PlaysDelta = number[]
export const ROW = 4

type Play = { readonly name: number; readonly count: number; readonly latest: number } & { readonly [F in 'track' | 'artist']: number }

/** A record's plays by the thing that `of` names, given by its id, with the field `other` beside them. */
export function playsBy(
  of: 'track' | 'artist',
  other: 'track' | 'artist',
  plays: readonly Play[],
  names: readonly string[],
  dictionary: Dictionary
): Map<number, PlaysDelta> {
  const ids = new RecordIds(names, dictionary)
  const deltas = new Map<number, PlaysDelta>()
  for (const play of plays) {
    if (play.count === 0) continue
    const key = ids.at(play[of])
    let delta = deltas.get(key)
    if (delta === undefined) {
      delta = []
      deltas.set(key, delta)
    }
    delta.push(play.latest, ids.at(play.name), ids.at(play[other]), play.count)
  }
  return deltas
}

export function writePlays(delta: PlaysDelta, out: ByteWriter): void {
  out.varint(delta.length / ROW)
  for (let at = 0; at < delta.length; at += ROW) writeRow(out, delta, at)
}

export function readPlays(input: ByteReader): PlaysDelta {
  const delta: PlaysDelta = []
  for (let rows = input.varint(); rows > 0; rows--) readRow(input, delta)
  return delta
}
