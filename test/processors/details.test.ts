import t from 'tap'
import { artistDetails } from '../../processors/details/artist-details.js'
import { trackDetails } from '../../processors/details/track-details.js'
import type { ArtistDetails, TrackDetails, TrackPlays } from '../../schemas/events.js'
import { generator, Task } from './tracks-harness.js'

interface Play {
  track: string
  artist: string
  name: string
  at: number
  count: number
  /** Another event, such as a like: it says names, and counts nowhere. */
  isOther?: boolean
}

/** The name is the track's in track-updates, the artist's in artist-updates. */
function record(plays: readonly Play[]) {
  const dictionary: string[] = []
  const index = (name: string) => (dictionary.includes(name) ? dictionary.indexOf(name) : dictionary.push(name) - 1)
  const rows: TrackPlays[] = plays.map(({ track, artist, name, at, count, isOther }) => {
    const minute = Math.floor(at / 60_000)
    const counts = isOther ? { count: 0, others: count } : { count, others: 0 }
    return { track: index(track), artist: index(artist), name: index(name), minute, country: -1, latest: at, ...counts }
  })
  return { dictionary, plays: rows, play_corrections: [], chart_corrections: [] }
}

const inBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
const groups = (plays: readonly Play[], key: (play: Play) => string): Map<string, Play[]> => {
  const result = new Map<string, Play[]>()
  for (const play of plays) result.set(key(play), [...(result.get(key(play)) ?? []), play])
  return result
}
const sum = (plays: readonly Play[]) => plays.reduce((sum, { count }) => sum + count, 0)
const total = (plays: readonly Play[]) => sum(plays.filter(({ isOther }) => !isOther))
/** The accepted events: what was not taken back. */
const accepted = (plays: readonly Play[]) =>
  [...groups(plays, play => JSON.stringify({ ...play, count: 0 })).values()].filter(same => sum(same) > 0).map(same => same[0]!)

function naiveTrack(track_id: string, plays: readonly Play[]): TrackDetails | null {
  const latest = accepted(plays).sort((a, b) => b.at - a.at || inBytes(b.name, a.name) || inBytes(b.artist, a.artist))[0]
  return latest === undefined ? null : { track_id, track_name: latest.name, artist_id: latest.artist, plays: total(plays) }
}

function naiveArtist(artist_id: string, plays: readonly Play[]): ArtistDetails | null {
  const latest = accepted(plays).sort((a, b) => b.at - a.at || inBytes(b.name, a.name))[0]
  if (latest === undefined) return null
  const tracks = [...groups(plays, play => play.track)].map(([track_id, own]) => ({ track_id, plays: total(own) }))
  const top_tracks = tracks.filter(({ plays }) => plays > 0).sort((a, b) => b.plays - a.plays || inBytes(a.track_id, b.track_id))
  return { artist_id, artist_name: latest.name, plays: total(plays), top_tracks: top_tracks.slice(0, 20) }
}

/** Plays and likes at few moments under few names, so that times tie; at most five of a thing are taken back. */
function script(seed: number): Play[] {
  const random = generator(seed)
  const pick = (values: readonly string[]) => values[Math.floor(values.length * random())]!
  const tracks = Array.from({ length: 30 }, (_, i) => `track${i}`)
  const plays = Array.from({ length: 300 }, (): Play => {
    const at = 1_700_000_000_000 + Math.floor(random() * 200) * 1000
    return {
      track: pick(tracks),
      artist: pick(['one', 'two', '\uff5e']),
      name: pick(['name', '\uffee', '😀']),
      at,
      count: 1,
      isOther: random() < 0.2
    }
  })
  for (const artist of ['one', 'two', '\uff5e']) {
    const own = plays.filter(play => play.artist === artist && play.count > 0).sort((a, b) => b.at - a.at)
    for (const play of own.slice(0, 3)) plays.push({ ...play, count: -1 })
  }
  return plays
}

const sent = (task: Task<any>) => Object.fromEntries([...task.sent].map(([key, value]) => [key.split(' ')[1], value]))

t.test('names, plays and top tracks are those of the definition, in any order of arrival', async t => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const plays = script(seed)
    const random = generator(seed)
    const shuffled = plays
      .map(play => ({ play, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ play }) => play)
    const byTrack = [...groups(plays, play => play.track)].map(([track, own]) => [track, naiveTrack(track, own)])
    const byArtist = [...groups(plays, play => play.artist)].map(([artist, own]) => [artist, naiveArtist(artist, own)])
    for (const order of [plays, shuffled]) {
      const tracks = new Task(trackDetails)
      const artists = new Task(artistDetails)
      for (let rest = [...order]; rest.length > 0; ) {
        const value = record(rest.splice(0, 1 + Math.floor(random() * 20)))
        for (const [task, topic] of [
          [tracks, 'track-updates'],
          [artists, 'artist-updates']
        ] as const) {
          task.process(topic, value, 1)
          task.commit()
          if (random() < 0.2) task.restart(random() < 0.5 ? 'operands' : 'values')
        }
      }
      t.strictSame(sent(tracks), Object.fromEntries(byTrack))
      t.strictSame(sent(artists), Object.fromEntries(byArtist))
    }
  }
})

t.test('a name that is taken back gives way to the one before; without plays there is a tombstone', async t => {
  const task = new Task(trackDetails)
  const play = (name: string, at: number, count: number): Play => ({ track: 't', artist: 'a', name, at, count })
  const publish = (...plays: Play[]) => {
    task.process('track-updates', record(plays), 1)
    task.commit()
    return (sent(task) as Record<string, TrackDetails | null>).t
  }
  t.strictSame(publish(play('old', 1000, 1), play('new', 2000, 1)), { track_id: 't', track_name: 'new', artist_id: 'a', plays: 2 })
  t.equal(publish(play('new', 2000, -1))?.track_name, 'old')
  t.equal(publish(play('old', 1000, -1)), null)
  const like = { ...play('liked', 3000, 1), isOther: true }
  t.strictSame(publish(like), { track_id: 't', track_name: 'liked', artist_id: 'a', plays: 0 }, 'a like alone gives it its name')
  t.strictSame(publish(play('played', 2000, 1)), { track_id: 't', track_name: 'liked', artist_id: 'a', plays: 1 })
  t.equal(publish({ ...like, count: -1 })?.track_name, 'played')
  t.equal(publish(play('played', 2000, -1)), null)

  const twelve = Array.from({ length: 12 }, (_, i) => play(`n${i}`, 10_000 + i, 1))
  publish(...twelve)
  t.equal(publish(...twelve.slice(5).map(({ name, at }) => play(name, at, -1)))?.track_name, 'n4', 'seven are taken back')
  publish(play('late', 10_001, 1))
  t.equal(publish(play('n4', 10_004, -1))?.track_name, 'n3', 'the eighth: the latest of those forgotten')
  t.equal(publish(play('n3', 10_003, -1))?.track_name, 'n3', 'and beyond that the answer stays')
})
