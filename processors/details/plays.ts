import type { ByteReader, ByteWriter, Dictionary } from '../../streams/processor.js'
import { RecordIds } from '../record-ids.js'
import { readRow, writeRow } from './candidates.js'

/**
 * Rows of four numbers, one after the other: latest occurred_at, name, artist (of a track) or track (of an artist), count. Latest 0: only
 * a count, which says no names.
 */
export type PlaysDelta = number[]
export const ROW = 4

type Play = { readonly name: number; readonly count: number; readonly latest: number; readonly others: number } & {
  readonly [F in 'track' | 'artist']: number
}

/**
 * A record's plays by the thing that `of` names, given by its id, with the field `other` beside them. Other events say names as plays do, so
 * they are added with them, and taken out of the count by a row that says none.
 */
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
    const named = play.count + play.others
    if (named === 0 && play.others === 0) continue
    const key = ids.at(play[of])
    let delta = deltas.get(key)
    if (delta === undefined) {
      delta = []
      deltas.set(key, delta)
    }
    const [name, beside] = [ids.at(play.name), ids.at(play[other])]
    if (named !== 0) delta.push(play.latest, name, beside, named)
    if (play.others !== 0) delta.push(0, name, beside, -play.others)
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
