import type { ByteReader, ByteWriter } from '../../streams/processor.js'

/** Sums of contributions are multiples of 2^-20 (semantics, section 4). */
const UNIT = 2 ** 20
const EXACT = 2 ** 50

/** Zigzag: small numbers of either sign take one byte. Integers within 2^52. */
export const writeSigned = (out: ByteWriter, value: number): void => out.varint(value < 0 ? -2 * value - 1 : 2 * value)

export function readSigned(input: ByteReader): number {
  const code = input.varint()
  return code % 2 === 0 ? code / 2 : -(code + 1) / 2
}

/** A multiple of 2^-20 as an integer (5 bytes where a double takes 8); any other number as a double after a 1. */
export function writeWeight(out: ByteWriter, weight: number): void {
  const units = weight * UNIT
  if (Number.isInteger(units) && Math.abs(units) < EXACT) {
    out.varint(units < 0 ? -units * 4 + 2 : units * 4)
  } else {
    out.varint(1)
    out.f64(weight)
  }
}

export function readWeight(input: ByteReader): number {
  const code = input.varint()
  if (code === 1) return input.f64()
  const units = Math.floor(code / 4) / UNIT
  return code % 4 === 2 ? -units : units
}
