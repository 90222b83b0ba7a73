/** Records as a few arrays that can be handed to another thread without a copy. */
import type { PlanRecord } from './encode.js'

export interface PackedRecords {
  readonly offsets: Float64Array<ArrayBuffer>
  readonly times: Float64Array<ArrayBuffer>
  /** Of key and value in turn; -1: null. */
  readonly lengths: Int32Array<ArrayBuffer>
  readonly payload: Uint8Array<ArrayBuffer>
}

const lengthOf = (bytes: Buffer | null) => bytes?.length ?? -1

export function packRecords(records: readonly PlanRecord[]): PackedRecords {
  const lengths = new Int32Array(2 * records.length)
  let size = 0
  for (const [i, { key, value }] of records.entries()) {
    lengths[2 * i] = lengthOf(key)
    lengths[2 * i + 1] = lengthOf(value)
    size += (key?.length ?? 0) + (value?.length ?? 0)
  }
  const payload = new Uint8Array(size)
  let at = 0
  for (const { key, value } of records)
    for (const bytes of [key, value]) {
      if (bytes === null) continue
      payload.set(bytes, at)
      at += bytes.length
    }
  return {
    offsets: Float64Array.from(records, ({ offset }) => offset),
    times: Float64Array.from(records, ({ timestamp }) => timestamp),
    lengths,
    payload
  }
}

export const buffersOf = ({ offsets, times, lengths, payload }: PackedRecords): ArrayBuffer[] => [
  offsets.buffer,
  times.buffer,
  lengths.buffer,
  payload.buffer
]

export function* unpackRecords({ offsets, times, lengths, payload }: PackedRecords): Generator<PlanRecord> {
  let at = 0
  const take = (length: number) => {
    if (length < 0) return null
    at += length
    return Buffer.from(payload.buffer, payload.byteOffset + at - length, length)
  }
  for (let i = 0; i < offsets.length; i++) {
    const key = take(lengths[2 * i]!)
    yield { offset: offsets[i]!, timestamp: times[i]!, key, value: take(lengths[2 * i + 1]!) }
  }
}
