import fc from 'fast-check'
import t from 'tap'
import { type Affinities, type AffinityOperand, affinityFold } from '../../processors/affinity/fold.js'
import { Bytes, BytesReader } from '../../streams/bytes.js'
import { change, like, play, skip } from './events.js'
import { DAY, Listeners, NOON } from './harness.js'

function published(listeners: Listeners, user = 'u') {
  listeners.commit()
  return listeners.table('artist-affinity').get(user)!
}
const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9

t.test('weights decay with a half-life of 90 days, seen from the latest event of any type', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-plays', play({ artist_id: 'a', occurred_at: NOON - 180 * DAY }))
  listeners.pipe('spotify-likes', like({ artist_id: 'b', occurred_at: NOON - 90 * DAY }))
  listeners.pipe('spotify-skips', skip({ artist_id: 'c', occurred_at: NOON - 90 * DAY }))
  listeners.pipe('spotify-likes', like({ artist_id: 'd', occurred_at: NOON - 90 * DAY, liked: false }))
  listeners.pipe('spotify-events', change({ artist_id: 'e', occurred_at: NOON, event_type: 'pause' }))
  const { as_of, artists } = published(listeners)
  t.equal(as_of, NOON)
  t.same(
    artists.map(artist => [artist.artist_id, artist.plays]),
    [
      ['b', 0],
      ['a', 1],
      ['c', 0],
      ['d', 0]
    ],
    'those at zero in order of their ids; a pause says nothing of an artist'
  )
  const [b, a, c, d] = artists as [(typeof artists)[0], (typeof artists)[0], (typeof artists)[0], (typeof artists)[0]]
  t.ok(close(b.a, 1.5) && close(a.a, 0.25) && close(c.a, -0.25) && close(d.a, -1.5))
  t.ok(close(b.affinity, 1) && close(a.affinity, Math.log(1.25) / Math.log(2.5)))
  t.same([c.affinity, d.affinity], [0, 0])
})

t.test('the 50 highest are listed, equal ones in the order of their bytes', async t => {
  const listeners = new Listeners()
  const ids = [...Array.from({ length: 60 }, (_, i) => `a${i}`), '\uffee', '\u{1f3b5}']
  for (const artist_id of ids) listeners.pipe('spotify-plays', play({ artist_id, track_id: artist_id, occurred_at: NOON - DAY }))
  listeners.pipe('spotify-likes', like({ artist_id: 'z', occurred_at: NOON - DAY }))
  listeners.pipe('spotify-plays', play({ artist_id: '\u{1f3b5}', occurred_at: NOON - DAY }))
  listeners.pipe('spotify-plays', play({ artist_id: '\uffee', track_id: 'more', occurred_at: NOON - DAY }))
  const { artists } = published(listeners)
  t.equal(artists.length, 50)
  t.same(
    artists.map(artist => artist.artist_id),
    ['z', '\uffee', '\u{1f3b5}', ...ids.slice(0, 60).sort().slice(0, 47)]
  )
})

t.test('a listener who only dislikes has artists, one without weighted events none', async t => {
  const listeners = new Listeners()
  listeners.pipe('spotify-skips', skip())
  listeners.pipe('spotify-events', change({ user_id: 'v' }))
  t.match(published(listeners), { artists: [{ artist_id: 'a', a: -0.5, affinity: 0, plays: 0 }] })
  t.same(published(listeners, 'v'), { user_id: 'v', as_of: NOON, country: null, artists: [] })
})

t.test('an artist whose events were all taken back is not listed', async t => {
  const listeners = new Listeners()
  for (const artist_id of ['x', 'y'])
    listeners.pipe('spotify-events', change({ event_type: 'play', artist_id, track_id: artist_id, occurred_at: NOON - DAY }), NOON, 10)
  listeners.pipe('spotify-plays', play({ artist_id: 'y', track_id: 'x', occurred_at: NOON - DAY }))
  t.match(published(listeners).artists, [{ artist_id: 'y', plays: 2 }])
})

t.test('given an event that told the country, when it is corrected', async t => {
  const given = () => {
    const listeners = new Listeners()
    listeners.pipe('spotify-plays', play({ track_id: 'before', occurred_at: NOON - DAY, country: 'DE' }))
    listeners.pipe('spotify-events', change({ event_type: 'play', country: 'SE' }), NOON, 10)
    t.equal(published(listeners).country, 'SE')
    return listeners
  }
  t.test('to another, it is the other', async t => {
    const listeners = given()
    listeners.pipe('spotify-plays', play({ country: 'AT' }))
    t.equal(published(listeners).country, 'AT')
    t.equal(listeners.table('user-sessions').get('u')!.country, 'AT')
  })
  t.test('to none, it is that of the event before', async t => {
    const listeners = given()
    listeners.pipe('spotify-plays', play({ country: null }))
    t.equal(published(listeners).country, 'DE')
    t.equal(listeners.table('user-sessions').get('u')!.country, 'DE')
  })
})

const anyOperand: fc.Arbitrary<AffinityOperand> = fc
  .record({
    occurredAt: fc.integer({ min: NOON - 1000 * DAY, max: NOON }),
    artist: fc.integer({ min: 0, max: 30 }),
    type: fc.constantFrom('play', 'like', 'unlike', 'skip', 'other'),
    country: fc.constantFrom(null, 'DE', 'GB'),
    restatesCountry: fc.boolean()
  })
  .map(({ artist, ...rest }) => ({ ...rest, sign: 1, artist: rest.type === 'other' ? undefined : artist }))

t.test('operands and values are read as they were written', async t => {
  const through = <V>(write: (out: Bytes) => void, read: (input: BytesReader) => V): V => {
    const out = new Bytes()
    write(out)
    const input = new BytesReader(out.take())
    const value = read(input)
    if (input.remaining !== 0) throw new Error('bytes are left')
    return value
  }
  const shown = ({ asOf, country, countryAt, slots, sums, plays, events }: Affinities) => {
    const rows = Array.from({ length: slots.size }, (_, slot) => [slots.ids[slot], sums[slot], plays[slot], events[slot]])
    return { asOf, country, countryAt, rows }
  }
  fc.assert(
    fc.property(fc.array(anyOperand, { maxLength: 60, size: 'max' }), fc.nat(60), (operands, restart) => {
      const value = affinityFold.empty()
      let restored = affinityFold.empty()
      operands.forEach((operand, i) => {
        affinityFold.merge(value, operand)
        const read = through(
          out => affinityFold.writeOperand(operand, out),
          input => affinityFold.readOperand(input)
        )
        if (i === restart) {
          const before = restored
          restored = through(
            out => affinityFold.write(before, out),
            input => affinityFold.read(input)
          )
        }
        affinityFold.merge(restored, read)
      })
      const [a, b] = [shown(value), shown(restored)]
      if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(`${JSON.stringify(a)} became ${JSON.stringify(b)}`)
    }),
    { numRuns: 60 }
  )
  t.pass()
})

t.test('a value that grows says so', async t => {
  const value = affinityFold.empty()
  const before = affinityFold.sizeOf(value)
  for (let artist = 0; artist < 1_000; artist++)
    affinityFold.merge(value, { occurredAt: NOON, artist, type: 'play', sign: 1, country: null, restatesCountry: false })
  t.ok(affinityFold.sizeOf(value) > before + 20_000)
})
