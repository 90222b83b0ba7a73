import t from 'tap'
import type { NewEvent } from '../../connect/producer.js'
import { simulateDay, simulateDayInSlices, timeOf } from '../../connect/simulator/day.js'
import { datesFrom } from '../../connect/simulator/publish.js'
import { dayMs, defaultWorld, World } from '../../connect/simulator/world.js'
import { deviceType } from '../../schemas/mappings.js'
import { digest, facts, typeOf } from './support.js'

const small = { ...defaultWorld, listeners: 30, tracks: 600, artists: 80 }

t.test('a day depends on the seed and the date alone', async t => {
  const world = new World(small)
  const day = simulateDay(world, '2026-03-06')
  t.ok(day.length > 100)
  simulateDay(world, '2024-02-29')
  t.equal(digest(simulateDay(world, '2026-03-06')), digest(day), 'again, after another day')
  t.equal(digest(simulateDay(new World(small), '2026-03-06')), digest(day), 'in another process')
  t.equal(digest(await simulateDayInSlices(new World(small), '2026-03-06')), digest(day), 'in slices')
  t.not(digest(simulateDay(world, '2026-03-07')), digest(day))
  t.not(digest(simulateDay(new World({ ...small, seed: '2' }), '2026-03-06')), digest(day))
})

t.test('sizes and dates that make no sense are refused with a sentence', async t => {
  t.throws(() => new World({ ...small, listeners: 0 }), {
    message: 'The number of listeners must be a whole number from 1 to 20000, not 0.'
  })
  t.throws(() => new World({ ...small, artists: 2.5 }), RangeError)
  t.throws(() => new World({ ...small, tracks: 79 }), { message: '79 tracks are too few for 80 artists: each needs one.' })
  t.throws(() => simulateDay(new World(small), '2026-02-30'), { message: '"2026-02-30" is not a day: write it as in 2026-01-31.' })
})

t.test('the catalogue has the size asked for, and no id twice', async t => {
  const { catalogue } = new World(defaultWorld)
  const tracks = catalogue.artists.flatMap(artist => artist.albums.flatMap(album => album.tracks))
  t.equal(catalogue.artists.length, 300)
  t.equal(tracks.length, 3000)
  t.equal(new Set(tracks.map(track => track.id)).size, 3000)
  t.equal(new Set(catalogue.artists.map(artist => artist.name)).size, 300, 'artists are told apart by name')
  t.ok(catalogue.artists.every(artist => artist.tracks.items.every(track => track.artist === artist)))
  t.equal(new World({ ...defaultWorld, artists: 1, tracks: 1, listeners: 1 }).catalogue.artists.length, 1, 'the smallest world')
})

const world = new World(defaultWorld)
const dates = datesFrom('2026-05-01', 4)
const days = dates.map(date => simulateDay(world, date))
const arrivals = days.flat()
const told = days.flatMap(facts)
const byType = new Map<string, NewEvent[]>()
for (const event of told) {
  const others = byType.get(typeOf(event))
  if (others) others.push(event)
  else byType.set(typeOf(event), [event])
}
const ofType = (type: string): readonly NewEvent[] => byType.get(type) ?? []
const plays = ofType('play')
const byTime = (a: NewEvent, b: NewEvent) => a.event.occurred_at - b.event.occurred_at

t.test('the shares of some days are those of people', async t => {
  const skips = ofType('skip').length
  const between = (value: number, low: number, high: number, what: string) => t.ok(value >= low && value <= high, `${what}: ${value}`)
  between(plays.length / dates.length / 200, 8, 40, 'plays per listener and day')
  between(skips / (plays.length + skips), 0.2, 0.4, 'share of skips')
  between(ofType('like').length / plays.length, 0.01, 0.05, 'likes per play')
  between(ofType('pause').length / plays.length, 0.02, 0.06, 'pauses per play')
  t.equal(ofType('pause').length, ofType('resume').length, 'who pauses resumes')
  t.ok(ofType('unlike').length > 0 && ofType('device_change').length > 0 && ofType('seek').length > 0)
  between((arrivals.length - told.length) / arrivals.length, 0.005, 0.03, 'share of duplicates')
  const late = arrivals.filter(({ at, event: { event } }) => at - event.occurred_at - (event.ms_played ?? 0) > 3_600_000).length
  between(late / arrivals.length, 0.005, 0.05, 'share that arrives more than an hour late')
  const echoes = arrivals.filter(
    ({ event: { topic, event } }) => topic === 'spotify-events' && ['play', 'skip'].includes(event.event_type)
  ).length
  t.ok(echoes > 0, 'some facts are told on two topics')
})

t.test('times make sense', async t => {
  for (const [index, day] of days.entries()) {
    const midnight = timeOf(dates[index]!)
    t.ok(
      day.every(({ at }, i) => i === 0 || day[i - 1]!.at <= at),
      'in order of arrival'
    )
    t.ok(
      day.every(({ at, event: { event } }) => at >= event.occurred_at && event.occurred_at >= midnight),
      'nothing arrives before it happens'
    )
    t.ok(
      day.every(({ event: { event } }) => event.occurred_at + (event.ms_played ?? 0) <= midnight + dayMs + 3000),
      'all of it happens within the day'
    )
  }
})

t.test('nobody hears two tracks at once', async t => {
  const ends = new Map<string, number>()
  const reports = told.filter(event => event.topic === 'spotify-plays').sort(byTime)
  for (const { key, event } of reports) {
    if (event.occurred_at < (ends.get(key) ?? 0)) t.fail(`${key} began ${event.track_name} during another track`)
    ends.set(key, event.occurred_at + event.ms_played!)
  }
  t.ok(reports.length > 8000)
})

t.test('every device and country is one that the pipeline knows', async t => {
  const devices = new Set(told.map(({ event }) => deviceType(event.device_type)))
  t.strictSame([...devices].sort(), ['car', 'computer', 'smartphone', 'speaker', 'tablet', 'tv', 'web'])
  t.ok(told.every(({ event }) => /^[A-Z]{2}$/.test(event.country!)))
})

t.test('listeners keep to their hours', async t => {
  const zones = new Map(Array.from({ length: 200 }, (_, index) => [world.listener(index).id, world.listener(index).place.zone]))
  t.equal(zones.size, 200)
  const asleep = plays.filter(({ event, key }) => {
    const hour = Math.floor(event.occurred_at / 3_600_000 + zones.get(key)! + 24) % 24
    return hour >= 3 && hour < 5
  })
  t.ok(asleep.length / plays.length < 0.02, `of all plays ${asleep.length} are in two hours of the night; evenly it would be 8 %`)
})

t.test('few tracks get much of the listening', async t => {
  const counts = new Map<string, number>()
  for (const { event } of plays) counts.set(event.track_id, (counts.get(event.track_id) ?? 0) + 1)
  const sorted = [...counts.values()].sort((a, b) => b - a)
  const top = sorted.slice(0, 300).reduce((a, b) => a + b, 0)
  t.ok(top / plays.length > 0.3, `the first tenth has ${top} of ${plays.length} plays`)
  t.ok(counts.size > 1500, `but ${counts.size} different tracks are heard`)
})

t.test('what follows what can be learned: three days foretell the fourth', async t => {
  const follows = new Map<string, Map<string, number>>()
  const popular = new Map<string, number>()
  const add = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1)
  const top = (map: Map<string, number> | undefined) =>
    [...(map ?? [])]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 10)
      .map(([track]) => track)
  const last = new Map<string, NewEvent['event']>()
  const hits = { follow: 0, popularity: 0, of: 0 }
  const tested = timeOf(dates[3]!)
  let favourites: string[] = []
  for (const { key, event } of plays.toSorted(byTime)) {
    const previous = last.get(key)
    last.set(key, event)
    const together = previous && event.occurred_at - previous.occurred_at < 3_600_000 && previous.track_id !== event.track_id
    if (event.occurred_at >= tested && together) {
      if (favourites.length === 0) favourites = top(popular)
      hits.of++
      if (top(follows.get(previous.track_id)).includes(event.track_id)) hits.follow++
      if (favourites.includes(event.track_id)) hits.popularity++
    }
    if (event.occurred_at < tested) {
      add(popular, event.track_id)
      if (!together) continue
      const after = follows.get(previous.track_id) ?? new Map<string, number>()
      follows.set(previous.track_id, after)
      add(after, event.track_id)
    }
  }
  t.ok(hits.of > 1000)
  t.ok(hits.follow / hits.of > 0.08 && hits.follow > 3 * hits.popularity, JSON.stringify(hits))
})

t.test('new releases are heard from their day on, and more at first', async t => {
  const first = timeOf('2026-05-01') / dayMs
  const released = new Map<string, number>()
  for (let day = first - 60; day < first + dates.length; day++) {
    for (const release of world.releasedOn(day)) for (const track of release.album.tracks) released.set(track.id, day)
  }
  const fresh = plays.filter(({ event }) => released.has(event.track_id))
  t.ok(fresh.every(({ event }) => event.occurred_at >= released.get(event.track_id)! * dayMs))
  const heard = (low: number, high: number) => {
    const tracks = [...released].filter(([, day]) => first - day >= low && first - day < high).length
    const plays = fresh.filter(
      ({ event }) => first - released.get(event.track_id)! >= low && first - released.get(event.track_id)! < high
    ).length
    return plays / tracks
  }
  t.ok(heard(0, 15) > 1.5 * heard(45, 61), `plays per track: ${heard(0, 15)} of the last fortnight, ${heard(45, 61)} of two months ago`)
  t.ok(world.releasedOn(first).length > 0, '2026-05-01 is a Friday')
})
