import t from 'tap'
import type { Saved } from '../../connect/spotify/read.js'
import { savedChanges } from '../../connect/spotify/saved.js'

const saved = (trackId: string, addedAt: number): Saved => ({
  track: { trackId, name: trackId, artistId: null, artist: 'Artist', album: null, durationMs: null },
  addedAt
})
const shortly = (...of: Parameters<typeof savedChanges>) =>
  savedChanges(...of).map(({ track, at, liked }) => `${liked ? 'like' : 'unlike'} ${track.trackId} @${at}`)

const [c, b, a] = [saved('c', 3), saved('b', 2), saved('a', 1)]

t.test('likes, with the time that Spotify gives', async t => {
  t.strictSame(shortly(null, [b, a], false, 9), [], 'what was saved before is no news')
  t.strictSame(shortly([], [b, a], false, 9), ['like a @1', 'like b @2'])
  t.strictSame(shortly([b, a], [c, b, a], false, 9), ['like c @3'])
  t.strictSame(shortly([b, a], [b, a], false, 9), [])
})

t.test('a like taken back, and given again', async t => {
  t.strictSame(shortly([c, b, a], [c, a], false, 9), ['unlike b @9'])
  t.strictSame(shortly([b, a], [saved('a', 5), b], false, 9), ['like a @5'])
})

t.test('a full page: what fell off its end was not taken back, what came up is not new', async t => {
  t.strictSame(shortly([b, a], [c, b], true, 9), ['like c @3'])
  t.strictSame(shortly([c, b], [b, a], true, 9), ['unlike c @9'])
})
