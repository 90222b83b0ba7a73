import type { MergeFold } from '../../streams/processor.js'
import { CountTable } from '../ranking/count-table.js'
import { readSigned, writeSigned } from '../ranking/packing.js'
import { ALL, COLUMN_COUNT, WINDOWS } from './windows.js'

/** Places on a leaderboard. */
export const PLACES = 100

/** Rows of (item, columns by bit, change of the count), one after the other. */
export type CountsDelta = number[]
const ROW = 3
const MASKS = 2 ** COLUMN_COUNT
/** The columns of the windows themselves. */
const CURRENT = 2 ** WINDOWS.length - 1

/** The leaderboards of one country, or of all: what each item has in each window, and in the one before. */
export class ChartCounts {
  table: CountTable
  /** Windows that ever had a play: their charts exist, if only empty. */
  had = 0
  /** Not stored, hence unknown after a restart: plays came since the last emission, and the T last published per window. */
  played = true
  readonly published: (number | undefined)[] = WINDOWS.map(() => undefined)

  constructor(table = new CountTable(COLUMN_COUNT, PLACES)) {
    this.table = table
  }
}

export const chartFold: MergeFold<ChartCounts, CountsDelta> = {
  version: 2,
  empty: () => new ChartCounts(),
  merge(counts, delta) {
    for (let at = 0; at < delta.length; at += ROW) {
      const mask = delta[at + 1]!
      counts.table.add(delta[at]!, mask, delta[at + 2]!)
      if ((mask & ALL) === 0) continue
      counts.had |= mask & CURRENT
      counts.played = true
    }
  },
  writeOperand(delta, out) {
    out.varint(delta.length / ROW)
    for (let at = 0; at < delta.length; at += ROW) {
      out.varint(delta[at]! * MASKS + delta[at + 1]!)
      writeSigned(out, delta[at + 2]!)
    }
  },
  readOperand(input) {
    const delta: CountsDelta = []
    for (let rows = input.varint(); rows > 0; rows--) {
      const code = input.varint()
      delta.push(Math.floor(code / MASKS), code % MASKS, readSigned(input))
    }
    return delta
  },
  write(counts, out) {
    out.u8(counts.had)
    counts.table.write(out)
  },
  read(input) {
    const had = input.u8()
    const counts = new ChartCounts(CountTable.read(input, COLUMN_COUNT, PLACES))
    counts.had = had
    return counts
  },
  sizeOf: counts => 150 + counts.table.bytes
}
