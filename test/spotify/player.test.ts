import fc from 'fast-check'
import t from 'tap'
import { type Ended, type Look, type PlayerChange, type PlayerState, step, type Track } from '../../connect/spotify/player.js'

const T = 1_780_000_000_000
const S = 1_000

const track = (trackId: string, durationMs: number | null = 200 * S): Track => ({
  trackId,
  name: trackId,
  artistId: 'artist',
  artist: 'Artist',
  album: null,
  durationMs
})
const a = track('a')
const b = track('b')

/** At a second, a position in seconds. */
const plays = (second: number, of: Track, position: number, device: string | null = 'Computer'): Look => ({
  at: T + second * S,
  playing: { track: of, isPlaying: true, progressMs: position * S, device }
})
const paused = (second: number, of: Track, position: number): Look => ({
  at: T + second * S,
  playing: { track: of, isPlaying: false, progressMs: position * S, device: 'Computer' }
})
const nothing = (second: number): Look => ({ at: T + second * S, playing: null })

function given(...looks: Look[]): { state: PlayerState | null; changes: PlayerChange[] } {
  let state: PlayerState | null = null
  const changes: PlayerChange[] = []
  for (const look of looks) {
    const next = step(state, look)
    state = next.state
    changes.push(...next.changes)
  }
  return { state, changes }
}

/** `type track @second`, for an end also from when and how much of it was heard. */
const shortly = ({ changes }: { changes: PlayerChange[] }): string[] =>
  changes.map(change => {
    const at = (time: number) => (time - T) / S
    const told = `${change.type} ${change.track.trackId} @${at(change.at)}`
    return change.type === 'ended' ? `${told} from ${at(change.startedAt)} heard ${change.listenedMs / S}` : told
  })

t.test('a play starts when its position says so, and ends when the next one starts', async t => {
  t.strictSame(shortly(given(plays(3, a, 3), plays(8, a, 8), plays(203, b, 3))), [
    'started a @0',
    'ended a @200 from 0 heard 200',
    'started b @200'
  ])
})

t.test('nothing plays: nothing happens', async t => {
  t.strictSame(shortly(given(nothing(0), nothing(5), paused(10, a, 50))), [])
})

t.test('left early: heard as long as it ran', async t => {
  t.strictSame(shortly(given(nothing(0), plays(5, a, 4), plays(10, a, 9), plays(15, b, 2))), [
    'started a @1',
    'ended a @13 from 1 heard 12',
    'started b @13'
  ])
})

t.test('the player is closed: over at the look that saw it gone, at the latest at the end of the track', async t => {
  t.strictSame(shortly(given(plays(0, a, 0), plays(50, a, 50), nothing(55))).at(-1), 'ended a @55 from 0 heard 55')
  t.strictSame(shortly(given(plays(0, a, 0), plays(198, a, 198), nothing(900))).at(-1), 'ended a @200 from 0 heard 200')
})

t.test('paused and resumed: the pause is not heard', async t => {
  t.strictSame(
    shortly(given(plays(0, a, 0), plays(5, a, 5), paused(10, a, 7), paused(60, a, 7), plays(65, a, 9), plays(255, b, 0))),
    ['started a @0', 'paused a @7', 'resumed a @63', 'ended a @255 from 0 heard 199'].concat('started b @255')
  )
})

t.test('paused and then closed: over when it was seen last', async t => {
  t.strictSame(shortly(given(plays(0, a, 0), paused(40, a, 38), paused(400, a, 38), nothing(405))).at(-1), 'ended a @400 from 0 heard 38')
})

t.test('paused between two looks: no position was moved', async t => {
  t.strictSame(shortly(given(plays(0, a, 0), plays(100, a, 60))), ['started a @0'])
})

t.test('moved forward and back', async t => {
  t.strictSame(shortly(given(plays(0, a, 0), plays(5, a, 100), plays(10, a, 20), plays(15, b, 0))), [
    'started a @0',
    'seeked a @5',
    'seeked a @10',
    'ended a @15 from 0 heard 15',
    'started b @15'
  ])
})

t.test('the same track again is the next play', async t => {
  t.strictSame(shortly(given(plays(0, a, 0), plays(198, a, 198), plays(203, a, 3))), [
    'started a @0',
    'ended a @200 from 0 heard 200',
    'started a @200'
  ])
})

t.test('a player that stops at the end says position 0 and not playing', async t => {
  t.strictSame(shortly(given(plays(0, a, 0), plays(198, a, 198), paused(203, a, 0))), ['started a @0', 'ended a @200 from 0 heard 200'])
})

t.test('a player that goes on for hours past the end is not believed', async t => {
  const { state, changes } = given(plays(0, a, 0), plays(198, a, 198), plays(260, a, 260), plays(300, a, 300))
  t.strictSame(shortly({ changes }), ['started a @0', 'ended a @200 from 0 heard 200'])
  t.equal(state?.current, null)
})

t.test('another device', async t => {
  t.strictSame(shortly(given(plays(0, a, 0, 'Computer'), plays(5, a, 5, null), plays(10, a, 10, 'Speaker'))), [
    'started a @0',
    'device-changed a @10'
  ])
})

t.test('looks that were missed: no longer than the track, and the next is not guessed', async t => {
  t.strictSame(shortly(given(plays(0, a, 0), plays(5, a, 5), plays(900, b, 30))), [
    'started a @0',
    'ended a @200 from 0 heard 200',
    'started b @870'
  ])
})

t.test('seen first in the middle: it started before the first look, but not before a look that saw something else', async t => {
  t.strictSame(shortly(given(plays(0, a, 90))), ['started a @-90'])
  t.strictSame(shortly(given(nothing(0), plays(5, a, 90))), ['started a @0'])
})

t.test('a track of unknown length', async t => {
  const endless = track('endless', null)
  t.strictSame(shortly(given(plays(0, endless, 0), plays(300, endless, 300), nothing(305))).at(-1), 'ended endless @305 from 0 heard 305')
})

t.test('the clock is set back', async t => {
  const { changes } = given(plays(100, a, 100), plays(40, a, 105), plays(45, b, 0))
  t.strictSame(
    changes.map(({ type }) => type),
    ['started', 'seeked', 'ended', 'started']
  )
})

t.test('whatever is seen: starts and ends alternate, and nobody hears more than the time that passed', async () => {
  const looks = fc.array(
    fc.record({
      passed: fc.integer({ min: 0, max: 400 }),
      what: fc.constantFrom(a, b, track('short', 20 * S), null),
      isPlaying: fc.boolean(),
      position: fc.integer({ min: 0, max: 250 })
    }),
    { maxLength: 40 }
  )
  fc.assert(
    fc.property(looks, seen => {
      let second = 0
      const { changes } = given(
        ...seen.map(({ passed, what, isPlaying, position }): Look => {
          second += passed
          return what === null
            ? nothing(second)
            : { at: T + second * S, playing: { track: what, isPlaying, progressMs: position * S, device: null } }
        })
      )
      let open: string | null = null
      for (const change of changes) {
        if (change.type === 'started') {
          if (open !== null) return false
          open = change.track.trackId
        } else if (open !== change.track.trackId) return false
        if (change.type === 'ended') {
          open = null
          const { startedAt, at, listenedMs } = change satisfies Ended
          if (listenedMs < 0 || at < startedAt || listenedMs > at - startedAt) return false
        }
      }
      return true
    })
  )
})
