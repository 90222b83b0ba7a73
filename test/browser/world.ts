/** Listeners, tracks and a running topology to look at: what the page is tested with. */
import type { Operations, TopologyEdge, TopologyNode } from '../../api/operations.js'
import type { ChartWindow } from '../../schemas/events.js'
import { type MapView, operations } from '../api/support.js'

const ALBUMS: Readonly<Record<string, readonly string[]>> = {
  'Marit Solheim': ['Harbour Lights', 'Salt on the Window', 'Half Past Winter', 'The Long Way to Bodø'],
  'Cassette Garden': ['Paper Lanterns', 'Tape Hiss Serenade', 'Slow Machines'],
  'Os Vizinhos': ['Rua da Saudade', 'Azulejo', 'Domingo de Manhã', 'Elétrico 28'],
  'Nadia Rahmani Trio': ['Blue Hour in Fes', 'Second Thoughts', 'Quarter Tone Rain'],
  'Glass Atlas': ['Cartography', 'A Very Long Title That Somebody Thought Would Be Funny to Put on a Record Sleeve', 'Meridian'],
  'Hollow Pines': ['Kindling', 'Three Rivers', 'Ghost Orchard'],
  'The Understudies': ['Prompt Corner', 'Matinée', 'Exit, Pursued by a Bear'],
  'Keiko Arata': ['雨上がり', 'Platform 9, Ueno', 'Moth Season']
}
const COUNTRIES = ['NO', 'PT', 'DE', 'JP', 'GB', 'BR', 'FR', 'US', null]
const LISTENERS = ['ana', 'bjarne', 'chiyo', 'dario', 'elif', 'femi', 'greta', 'hugo', 'ines', 'joon', 'katya', 'luis', 'mei', 'noor']
const WINDOWS: readonly ChartWindow[] = ['hour', 'day', 'week', 'all']
const PARTITIONS = 3

export const artistId = (name: string) => `name:${name.toLowerCase().replaceAll(' ', '-')}`
export const tracks = Object.entries(ALBUMS).flatMap(([artist, titles]) =>
  titles.map((name, i) => ({ id: `${artistId(artist)}-${i}`, name, artist, artistId: artistId(artist) }))
)
export type Track = (typeof tracks)[number]

/** The tracks that come `count` after place `from`, around the end. */
const around = (from: number, count: number): Track[] => Array.from({ length: count }, (_, i) => tracks[(from + i * 3) % tracks.length]!)

export function fill(view: MapView, now: number): void {
  tracks.forEach((track, i) => {
    view.track(track.id, track.artistId, 900 - 31 * i, track.name)
    view.list(
      track.id,
      120,
      60,
      around(i + 1, 12).map((other, k) => [other.id, 90 - 7 * k, 30 / (k + 1)])
    )
  })
  for (const artist of Object.keys(ALBUMS)) view.artist(artistId(artist), [], artist)
  LISTENERS.forEach((user, i) => {
    play(view, user, i * 2, now - 1000 * i ** 3)
    const loved = around(i, 4).map((track, k): [string, number] => [track.artistId, 1 - k / 5])
    view.affinity(user, now, loved, null)
  })
  for (const window of WINDOWS) for (const country of [null, 'NO', 'PT']) fillCharts(view, window, country, now)
  for (let shard = 0; shard < PARTITIONS; shard++)
    view.put('pipeline-counts', `${shard}`, {
      shard,
      accepted: { play: 41_210, skip: 2_004, like: 910 },
      rejected: { BAD_TIME: 61, UNDECODABLE: 9 },
      duplicates: 412,
      sessions: 3_900
    })
}

/** The listener's session now ends with the track at `place`. */
export function play(view: MapView, user: string, place: number, at: number): void {
  const session = around(place, 5).map((track): [string, string] => [track.id, track.artistId])
  view.session(user, at, session, COUNTRIES[place % COUNTRIES.length] ?? null)
}

function fillCharts(view: MapView, window: ChartWindow, country: string | null, now: number): void {
  const scale = (WINDOWS.indexOf(window) * 5 + 1) * (country === null ? 10 : 1)
  for (let shard = 0; shard < PARTITIONS; shard++) {
    const own = <T>(_: T, i: number) => i % PARTITIONS === shard
    const topTracks = tracks.map((track, i): [string, number] => [track.id, scale * (tracks.length - i)])
    const topArtists = Object.keys(ALBUMS).map((name, i): [string, number] => [artistId(name), scale * (40 - 4 * i)])
    view.chart('tracks', window, country, shard, now, topTracks.filter(own))
    view.chart('artists', window, country, shard, now, topArtists.filter(own))
  }
}

/** Processors, what they read, write and keep; as Segue's own topology has them. */
const FLOW: readonly [name: string, unit: string, from: string[], to: string[], stores: string[]][] = [
  ['clean', 'listeners', ['spotify-plays', 'spotify-skips', 'spotify-likes', 'spotify-events'], ['listening-events'], ['seen']],
  ['sessions', 'listeners', ['clean'], ['user-sessions', 'track-updates'], ['open-sessions']],
  ['affinity', 'listeners', ['clean'], ['artist-affinity'], ['affinities']],
  ['statistics', 'listeners', ['clean'], ['play-statistics', 'user-days', 'track-updates', 'artist-updates'], ['days']],
  ['counts', 'listeners', ['clean'], ['pipeline-counts'], []],
  ['cooccurrence', 'tracks', ['track-updates'], ['track-neighbours'], ['pairs', 'lists']],
  ['track-details', 'tracks', ['track-updates'], ['track-details'], ['track-details']],
  ['track-charts', 'tracks', ['track-updates'], ['charts'], ['minutes']],
  ['artist-details', 'artists', ['artist-updates'], ['artist-names'], ['artists']],
  ['artist-charts', 'artists', ['artist-updates'], ['charts'], ['artist-minutes']]
]

/** The operations of an application that processes `perSecond` events. */
export function running(perSecond = 480): Operations {
  const nodes = new Map<string, TopologyNode>()
  const edges: TopologyEdge[] = []
  const mirrored = new Set<string>()
  const isProcessor = new Set(FLOW.map(([name]) => name))
  const node = (id: string, kind: TopologyNode['kind'], unit: string | null) => nodes.set(`${kind}:${id}`, { id, kind, label: id, unit })
  for (const [name, unit, from, to, stores] of FLOW) {
    for (const topic of [...from.filter(source => !isProcessor.has(source)), ...to]) node(topic, 'topic', null)
    node(name, 'processor', unit)
    for (const store of stores) node(store, 'store', unit)
    for (const source of from)
      edges.push({ from: source, to: name, rate: source === 'spotify-events' ? 0 : perSecond / from.length, lag: 0 })
    for (const sink of to) edges.push({ from: name, to: sink, rate: perSecond / 3, lag: null })
    for (const store of stores) edges.push({ from: name, to: store, rate: 0, lag: null })
    for (const sink of to) if (!sink.endsWith('updates') && sink !== 'listening-events') mirrored.add(sink)
  }
  const waiting = edges.find(edge => edge.from === 'track-updates')!
  edges[edges.indexOf(waiting)] = { ...waiting, lag: 17 }
  return operations({
    topology: async () => ({ nodes: [...nodes.values()], edges }),
    lag: async () => ({
      tasks: [{ topic: 'track-updates', partition: 0, records: 17 }],
      view: [...mirrored].map((topic, i) => ({ topic, partition: 0, records: i === 0 ? 4 : 0 }))
    }),
    activity: () => ({ what: 'The simulator fills in the past: day 4 of 14.', share: 0.25 }),
    taskStates: async () =>
      ['listeners', 'tracks', 'artists'].flatMap(unit =>
        Array.from({ length: PARTITIONS }, (_, partition) => ({ unit, partition, state: 'running' as const, detail: null }))
      )
  })
}
