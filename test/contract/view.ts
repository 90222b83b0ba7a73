import fc from 'fast-check'
import t, { type Test } from 'tap'
import { type Codec, createCodec } from '../../schemas/codec.js'
import type { TrackDetails, UserDay } from '../../schemas/events.js'
import type { View, ViewBatch, ViewEntry, ViewSpace } from '../../state/view/view.js'
import { MemoryRegistry } from '../schemas/memory-registry.js'

export interface ViewContract {
  readonly name: string
  /** Opens the view at a place; again with the same place after closing. */
  readonly open: (place: string, codec: Codec) => Promise<View>
  /** Whether what was applied is there after closing and opening. */
  readonly durable: boolean
}

const codec = await createCodec(new MemoryRegistry())
export const details = (track: string, plays: number): TrackDetails => ({
  track_id: track,
  track_name: `Name of ${track}`,
  artist_id: 'a',
  plays
})
const day = (user: string, plays: number): UserDay => ({
  user_id: user,
  day: '2026-01-31',
  plays,
  listening_ms: plays * 1000,
  distinct_tracks: 1,
  distinct_artists: 1,
  heard: Buffer.from('0001')
})

/** An entry of track-details; null plays: gone. */
const track = (key: string, plays: number | null): ViewEntry => ({
  key,
  value: plays === null ? null : codec.encodeBare('track-details', details(key, plays))
})
const batch = (from: number, to: number, entries: ViewEntry[], partition = 0): ViewBatch => ({
  topic: 'track-details',
  partition,
  from,
  to,
  entries
})

type WithView = (name: string, run: (t: Test, view: View) => Promise<void>) => void

/** What every adapter of the View port keeps to. */
export function viewContract(contract: ViewContract): void {
  const withView: WithView = (name, run) =>
    t.test(`${contract.name}: ${name}`, async t => {
      const view = await contract.open(t.testdir(), codec)
      try {
        await run(t, view)
      } finally {
        await view.close()
      }
    })
  batches(withView)
  reads(withView)
  changes(withView)
  if (contract.durable) durability(contract)
}

function batches(withView: WithView): void {
  withView('a new view is empty and has no positions', async (t, view) => {
    t.equal(await view.get('track-details', 'x'), undefined)
    t.strictSame(await view.getMany('track-details', ['x', 'y']), [undefined, undefined])
    t.strictSame(await view.scan('track-details', { limit: 10 }), [])
    t.equal(await view.position('track-details', 0), undefined)
    await view.clear()
    await view.clear('charts')
  })

  withView('applies batches: puts, changes, tombstones', async (t, view) => {
    t.equal(await view.apply(batch(0, 10, [track('x', 1), track('y', 2)])), true)
    t.equal(await view.position('track-details', 0), 10)
    t.strictSame(await view.get('track-details', 'x'), details('x', 1))
    t.equal(await view.apply(batch(10, 12, [track('x', 3), track('y', null), track('absent', null)])), true)
    t.strictSame(await view.getMany('track-details', ['y', 'x', 'absent', 'x']), [undefined, details('x', 3), undefined, details('x', 3)])
    t.equal(await view.apply(batch(12, 15, [])), true, 'a batch of control records only moves the position')
    t.equal(await view.position('track-details', 0), 15)
    t.equal(await view.apply(batch(15, 17, [track('z', 1), track('z', null), track('x', 4), track('x', 5)])), true)
    t.strictSame(await view.getMany('track-details', ['z', 'x']), [undefined, details('x', 5)], 'of a key, the last entry counts')
  })

  withView('refuses what is not next', async (t, view) => {
    await view.apply(batch(0, 10, [track('x', 2)]))
    for (const [from, to, why] of [
      [0, 10, 'already there'],
      [5, 12, 'overlapping'],
      [11, 12, 'a gap'],
      [0, 3, 'older']
    ] as const) {
      t.equal(await view.apply(batch(from, to, [track('x', 1), track('new', 1)])), false, why)
    }
    t.equal(await view.apply(batch(4, 5, [track('x', 1)], 1)), false, 'an unknown partition begins at 0')
    t.strictSame(await view.get('track-details', 'x'), details('x', 2))
    t.equal(await view.get('track-details', 'new'), undefined)
    t.strictSame([await view.position('track-details', 0), await view.position('track-details', 1)], [10, undefined])
  })

  withView('of batches from the same position, one is applied', async (t, view) => {
    const results = await Promise.all([1, 2, 3, 4].map(n => view.apply(batch(0, n, [track('x', n)]))))
    t.equal(results.filter(Boolean).length, 1)
    const position = (await view.position('track-details', 0))!
    t.equal(results[position - 1], true)
    t.strictSame(await view.get('track-details', 'x'), details('x', position))
  })
}

function reads(withView: WithView): void {
  withView('partitions and topics have positions of their own, spaces values of their own', async (t, view) => {
    await view.apply(batch(0, 3, [track('x', 1)], 0))
    await view.apply(batch(0, 7, [track('y', 1)], 12))
    const entry = { key: 'x', value: codec.encodeBare('user-days', day('x', 4)) }
    await view.apply({ topic: 'user-days', partition: 0, from: 0, to: 9, entries: [entry] })
    t.strictSame(await view.get('user-days', 'x'), day('x', 4))
    t.strictSame(await view.get('track-details', 'x'), details('x', 1))
    const positions = [
      view.position('track-details', 0),
      view.position('track-details', 12),
      view.position('track-details', 1),
      view.position('user-days', 0)
    ]
    t.strictSame(await Promise.all(positions), [3, 7, undefined, 9])
  })

  withView('scans in the order of the bytes of the keys', async (t, view) => {
    const keys = ['a', 'a|1', 'a|2', 'a|10', 'ab', 'b', 'é|1', '\u{ff5e}', '\u{1f3b5}', 'a|\u{1f3b5}', 'a|\u{ff5e}']
    const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
    await view.apply(
      batch(
        0,
        1,
        keys.map((key, i) => track(key, i))
      )
    )
    await view.get('track-details', 'a|10')
    const scan = async (options: Parameters<View['scan']>[1]) => (await view.scan('track-details', options)).map(([key]) => key)
    t.strictSame(await scan({ limit: 100 }), keys.toSorted(order))
    t.strictSame(await scan({ prefix: 'a|', limit: 100 }), keys.filter(key => key.startsWith('a|')).sort(order))
    t.strictSame(await scan({ prefix: 'a|', limit: 2 }), ['a|1', 'a|10'])
    t.strictSame(await scan({ prefix: 'a|', after: 'a|10', limit: 2 }), ['a|2', 'a|\u{ff5e}'])
    t.strictSame(await scan({ prefix: 'a|', after: 'a|1\0', limit: 1 }), ['a|10'], 'after a key that is not there')
    t.strictSame(await scan({ prefix: 'a|', after: 'A', limit: 1 }), ['a|1'], 'after what is before the prefix')
    t.strictSame(await scan({ after: '', limit: 100 }), await scan({ limit: 100 }), 'after nothing')
    t.strictSame(await scan({ prefix: 'zz', limit: 5 }), [])
    t.strictSame(await scan({ limit: 0 }), [])
    t.strictSame(await view.scan('track-details', { prefix: 'b', limit: 1 }), [['b', details('b', 5)]])
  })
}

function changes(withView: WithView): void {
  withView('tells which keys changed, after they changed', async (t, view) => {
    const told: [ViewSpace, readonly string[] | undefined, number | undefined][] = []
    const reads: Promise<void>[] = []
    const stop = view.onChange((space, keys) => {
      reads.push(view.get('track-details', 'x').then(value => void told.push([space, keys, value?.plays])))
    })
    await view.apply(batch(0, 1, [track('x', 1), track('y', null)]))
    await view.apply(batch(0, 1, [track('x', 9)]))
    await view.apply(batch(1, 2, []))
    await Promise.all(reads)
    t.strictSame(told, [['track-details', ['x', 'y'], 1]])
    stop()
    await view.apply(batch(2, 3, [track('x', 2)]))
    t.equal(told.length, 1)
  })

  withView('clear empties all, or one topic', async (t, view) => {
    const entry = { key: 'u', value: codec.encodeBare('user-days', day('u', 4)) }
    const fill = async () => {
      await view.apply(batch(0, 3, [track('x', 1)], 0))
      await view.apply(batch(0, 4, [track('y', 1)], 1))
      await view.apply({ topic: 'user-days', partition: 0, from: 0, to: 9, entries: [entry] })
      await view.getMany('track-details', ['x', 'y'])
    }
    const state = async () => [
      await view.scan('track-details', { limit: 9 }),
      await view.get('track-details', 'x'),
      await view.get('user-days', 'u'),
      await view.position('track-details', 0),
      await view.position('track-details', 1),
      await view.position('user-days', 0)
    ]
    await fill()
    await view.clear('track-details')
    t.strictSame(await state(), [[], undefined, day('u', 4), undefined, undefined, 9])
    await fill()
    t.strictSame(await view.get('track-details', 'x'), details('x', 1), 'filled again from 0')
    await view.clear()
    t.strictSame(await state(), [[], undefined, undefined, undefined, undefined, undefined])
  })

  withView('equals a map after any sequence of batches', async (t, view) => {
    const key = fc.constantFrom('a', 'b', 'c', 'd')
    const change = fc.tuple(key, fc.option(fc.nat({ max: 99 }), { nil: null }))
    const sequence = fc.sample(fc.record({ skew: fc.constantFrom(0, 0, 0, 1, -1), changes: fc.array(change, { maxLength: 4 }) }), {
      numRuns: 80,
      seed: 2
    })
    const model = new Map<string, number>()
    let position = 0
    for (const { skew, changes } of sequence) {
      const from = Math.max(0, position + skew)
      const applied = await view.apply(
        batch(
          from,
          from + changes.length + 1,
          changes.map(([key, plays]) => track(key, plays))
        )
      )
      t.equal(applied, from === position)
      if (applied) {
        position = from + changes.length + 1
        for (const [key, plays] of changes) plays === null ? model.delete(key) : model.set(key, plays)
      }
      const values = await view.getMany('track-details', ['a', 'b', 'c', 'd'])
      t.strictSame(
        values,
        ['a', 'b', 'c', 'd'].map(key => (model.has(key) ? details(key, model.get(key)!) : undefined))
      )
    }
  })
}

function durability(contract: ViewContract): void {
  t.test(`${contract.name}: keeps everything over closing and opening`, async t => {
    const place = t.testdir()
    for (let run = 0; run < 5; run++) {
      const view = await contract.open(place, codec)
      t.equal(await view.position('track-details', 2), run === 0 ? undefined : run * 10)
      t.strictSame(await view.get('track-details', 'x'), run === 0 ? undefined : details('x', run - 1))
      t.equal(await view.apply(batch(run * 10, run * 10 + 10, [track('x', run), track('y', run % 2 ? run : null)], 2)), true)
      await view.close()
    }
  })
}
