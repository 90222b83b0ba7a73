import type { NameOrder } from './order.js'
import { type Column, type Compare, Greatest, placeOf } from './select.js'
import type { Slots } from './slots.js'

/** Kept beyond the limit, so that a fall out of the first `limit` seldom asks for a new selection. */
const SPARE = 28
/** With more changes than this a selection is cheaper than moving each (bench/neighbours.ts). */
const MOVES = 64
const greatest = new Greatest()

/**
 * The `limit` greatest rows of a column, equal ones in the order of their names; rows that are zero in both columns do not
 * exist. Changes are only noted when they happen; `update` moves the changed rows, or selects anew where many changed, or
 * so many fell that rows outside may be greater. Derived from the columns: never stored.
 */
export class Ranking {
  /** Slots in order, as of the last `update`; may hold more than `limit`. */
  top: number[] = []
  #stale = true
  #touched: number[] = []
  /** No row outside `top` is before this one; -1: all rows are in `top`. */
  #cutSlot = -1
  #cutValue = 0

  constructor(readonly limit: number) {}

  /** To be called after each change of the column's value in this slot. */
  touch(slot: number): void {
    if (this.#stale) return
    if (this.#touched.length < MOVES && this.#touched.length <= this.top.length) this.#touched.push(slot)
    else this.invalidate()
  }

  /** Slots have moved, or too much has changed. */
  invalidate(): void {
    this.#stale = true
    this.#touched = []
  }

  get bytes(): number {
    return 150 + (this.top.length + this.#touched.length) * 8
  }

  /** Brings `top` up to date. `others`: the second column that makes a row exist. Returns whether the first `limit` may have changed. */
  update(values: Column, others: Column, slots: Slots, order: NameOrder): boolean {
    if (!this.#stale && this.#touched.length === 0) return false
    const { ids } = slots
    const byName: Compare = (a, b) => order.compare(ids[a]!, ids[b]!)
    if (this.#stale) {
      this.#select(values, others, slots.size, byName)
      return true
    }
    let changed = false
    for (const slot of this.#touched) {
      const at = this.top.indexOf(slot)
      if (at < 0) continue
      this.top.splice(at, 1)
      if (at < this.limit) changed = true
    }
    for (const slot of this.#touched) {
      if (values[slot] === 0 && others[slot] === 0) continue
      if (!this.#beforeCut(slot, values, byName)) continue
      const at = placeOf(slot, this.top, values, byName)
      if (this.top[at] === slot) continue
      insert(this.top, at, slot)
      if (at < this.limit) changed = true
    }
    this.#touched.length = 0
    this.#trim(values)
    if (this.top.length >= this.limit || this.#cutSlot < 0) return changed
    this.#select(values, others, slots.size, byName)
    return true
  }

  #beforeCut(slot: number, values: Column, byName: Compare): boolean {
    if (this.#cutSlot < 0 || values[slot]! > this.#cutValue) return true
    return values[slot] === this.#cutValue && byName(slot, this.#cutSlot) < 0
  }

  #trim(values: Column): void {
    const keep = this.limit + SPARE
    if (this.top.length <= keep) return
    this.#cutSlot = this.top[keep]!
    this.#cutValue = values[this.#cutSlot]!
    this.top.length = keep
  }

  #select(values: Column, others: Column, size: number, byName: Compare): void {
    const keep = this.limit + SPARE
    greatest.reset(keep)
    let count = size <= keep ? size : 0
    for (let slot = count; slot < size; slot++) {
      if (values[slot] === 0 && others[slot] === 0) continue
      count++
      greatest.add(values[slot]!)
    }
    const all = count <= keep
    const threshold = all ? Number.NEGATIVE_INFINITY : greatest.least
    const top: number[] = []
    const level: number[] = []
    for (let slot = 0; slot < size; slot++) {
      const value = values[slot]!
      if (value < threshold || (value === 0 && others[slot] === 0)) continue
      if (value > threshold) insert(top, placeOf(slot, top, values, byName), slot)
      else level.push(slot)
    }
    for (const slot of level) {
      if (top.length === keep) {
        if (byName(slot, top[keep - 1]!) > 0) continue
        top.pop()
      }
      insert(top, placeOf(slot, top, values, byName), slot)
    }
    this.top = top
    this.#cutSlot = all ? -1 : top[keep - 1]!
    this.#cutValue = all ? 0 : threshold
    this.#stale = false
    this.#touched.length = 0
  }
}

/** As `splice` does, which makes an array of what it takes out, here of nothing, each time. */
function insert(slots: number[], at: number, slot: number): void {
  for (let i = slots.length; i > at; i--) slots[i] = slots[i - 1]!
  slots[at] = slot
}
