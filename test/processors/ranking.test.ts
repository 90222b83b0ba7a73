import fc from 'fast-check'
import t from 'tap'
import { CountTable } from '../../processors/ranking/count-table.js'
import { compareBytes, NameOrder } from '../../processors/ranking/order.js'
import { readSigned, readWeight, writeSigned, writeWeight } from '../../processors/ranking/packing.js'
import { Greatest, placeOf } from '../../processors/ranking/select.js'
import { Slots } from '../../processors/ranking/slots.js'
import { Bytes, BytesReader } from '../../streams/bytes.js'
import { FakeDictionary } from './tracks-harness.js'

fc.configureGlobal({ seed: 20260131, numRuns: 200 })
const inBytes = (a: string, b: string) => Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))
const awkward = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '𐀀'), maxLength: 4 })

t.test('ids are ordered by their UTF-8 bytes', async t => {
  fc.assert(fc.property(awkward, awkward, (a, b) => Math.sign(compareBytes(a, b)) === inBytes(a, b)))
  const dictionary = new FakeDictionary()
  const order = new NameOrder(dictionary)
  fc.assert(fc.property(awkward, awkward, (a, b) => Math.sign(order.compare(dictionary.intern(a), dictionary.intern(b))) === inBytes(a, b)))
  for (let i = 0; i < 3000; i++) dictionary.intern(`track${i}`)
  t.ok(order.compare(dictionary.intern('track10'), dictionary.intern('track2')) < 0)
  t.ok(order.compare(dictionary.intern('track2999'), dictionary.intern('track2998')) > 0)
})

t.test('numbers come back as they were written', async () => {
  const unit = 2 ** -20
  fc.assert(
    fc.property(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true }), (signed, units, weight) => {
      const out = new Bytes()
      writeSigned(out, signed)
      for (const value of [units * unit, weight]) writeWeight(out, value)
      const input = new BytesReader(out.take())
      return readSigned(input) === signed && readWeight(input) === units * unit && readWeight(input) === weight && input.remaining === 0
    })
  )
})

t.test('slots find what was added, through growth', async () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 200 }), fc.nat(), (ids, absent) => {
      const slots = new Slots(4)
      for (const id of ids) {
        if (slots.size === slots.capacity) slots.rebuild(slots.capacity + 8)
        slots.add(id)
      }
      return ids.every((id, slot) => slots.find(id) === slot) && slots.find(absent) === ids.indexOf(absent)
    })
  )
})

t.test('selection agrees with sorting', async () => {
  const numbers = fc.array(fc.integer({ min: -3, max: 12 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 60 }), (values, wanted) => {
      const k = Math.min(wanted, values.length)
      const greatest = new Greatest()
      greatest.reset(k)
      for (const value of values) greatest.add(value)
      const sorted = values.map((_, slot) => slot).sort((a, b) => values[b]! - values[a]! || b - a)
      const inserted: number[] = []
      for (const slot of values.keys())
        inserted.splice(
          placeOf(slot, inserted, Int32Array.from(values), (a, b) => b - a),
          0,
          slot
        )
      return greatest.least === values[sorted[k - 1]!]! && String(inserted) === String(sorted)
    })
  )
})

t.test('a ranking holds the greatest after any changes, and says when they changed', async () => {
  const names = Array.from({ length: 80 }, (_, i) => `${i % 3 === 0 ? '\uffee' : '😀'}${i * 7919}`)
  const change = fc.record({ item: fc.nat(79), count: fc.integer({ min: -2, max: 3 }), rank: fc.integer({ min: 0, max: 9 }) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 600 }), fc.integer({ min: 1, max: 20 }), (changes, limit) => {
      const dictionary = new FakeDictionary()
      for (const name of names) dictionary.intern(name)
      const order = new NameOrder(dictionary)
      const counts = new Map<string, number>()
      const table = new CountTable(2, limit)
      let published = '[]'
      for (const { item, count, rank } of changes) {
        table.add(item, 3, count)
        counts.set(names[item]!, (counts.get(names[item]!) ?? 0) + count)
        if (rank > 0) continue
        const changed = table.rank(1, order)
        const expected = [...counts].filter(([, n]) => n > 0).sort(([a, x], [b, y]) => y - x || inBytes(a, b))
        const top = JSON.stringify(table.top(1, (id, n) => [dictionary.name(id), n]))
        if (top !== JSON.stringify(expected.slice(0, limit))) return false
        if (!changed && top !== published) return false
        published = top
      }
      return true
    })
  )
})

t.test('rows outside move up when those in front fall', async t => {
  const dictionary = new FakeDictionary()
  const order = new NameOrder(dictionary)
  const table = new CountTable(1, 10)
  const top = () => table.top(0, id => dictionary.name(id))
  const names = Array.from({ length: 200 }, (_, i) => `item${String(i).padStart(3, '0')}`)
  for (const [i, name] of names.entries()) table.add(dictionary.intern(name), 1, 1000 - i)
  for (let first = 0; first + 10 <= names.length; first++) {
    table.rank(0, order)
    t.strictSame(top(), names.slice(first, first + 10))
    table.add(dictionary.intern(names[first]!), 1, -900)
  }
})
