import { generator } from '../../bench/reference.js'

const START = Date.UTC(2024, 0, 1)

/** JSON lines of distinct plays, of a few listeners with tastes; the same seed gives the same lines. */
export function listening(count: number, seed = 1): string[] {
  const random = generator(seed)
  const clocks = Array.from({ length: 20 }, () => START)
  return Array.from({ length: count }, (_, i) => {
    const user = Math.floor(random() * clocks.length)
    clocks[user]! += random() < 0.1 ? 5 * 3_600_000 : 200_000 + i
    const track = (user % 5) * 20 + Math.floor(random() ** 2 * 40)
    const artist = `Artist ${track % 17}`
    const event = {
      event_id: `${seed}-${i}`,
      user_id: `listener-${user}`,
      track_id: `track-${track}`,
      track_name: `Track ${track}`,
      artist_id: artist,
      artist_name: artist,
      occurred_at: clocks[user],
      duration_ms: 200_000,
      country: ['DE', 'NO', null][user % 3]
    }
    return JSON.stringify({ topic: 'spotify-plays', event })
  })
}
