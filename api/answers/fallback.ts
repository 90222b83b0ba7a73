import type { ArtistAffinity } from '../../schemas/events.js'
import type { View } from '../../state/view/view.js'
import { type Choice, choose } from '../recommend/choice.js'
import { compareIds } from '../recommend/order.js'
import type { Scored } from '../recommend/rank.js'
import { AFFINITY_WEIGHT } from '../recommend/scorer.js'
import { affinityPart, type Situation } from '../recommend/situation.js'
import type { FallbackSource, RecommendationItem } from '../schemas/recommendations.js'
import { type MergedChart, readFirstChart } from './charts.js'
import { item, named } from './items.js'
import { Names } from './names.js'
import { counted } from './text.js'

/** How many of the listener's artists are asked for their most played tracks. */
const ARTISTS = 20

const anything: Choice = { allows: () => true, maxPerArtist: Number.POSITIVE_INFINITY }

export interface Fallback {
  readonly source: FallbackSource
  /** What the recommendations are, as the end of a sentence. */
  readonly description: string
  readonly items: RecommendationItem[]
  /** Event time of a chart, milliseconds. */
  readonly asOf: number | undefined
}

export interface FallbackRequest {
  readonly view: View
  readonly partitions: number
  readonly situation: Situation
  readonly affinity: ArtistAffinity | undefined
  readonly country: string | null
  readonly limit: number
  readonly choice: Choice | undefined
}

/**
 * What to say when no neighbour is left: the most played tracks of the listener's affine artists; else the chart of the
 * listener's country; else the global chart (semantics, section 6). The tracks of the current session are left out. Empty
 * only when nothing was played at all.
 */
export async function fallBack(request: FallbackRequest): Promise<Fallback> {
  const artists = await affineArtists(request)
  if (artists.items.length > 0) return artists
  if (request.country !== null) {
    const country = await chartTracks(request, request.country)
    if (country.items.length > 0) return country
  }
  return chartTracks(request, null)
}

/**
 * score = 0.3 · affinity part / place of the track among the artist's most played: each artist's most played track comes
 * before anyone's second, unless the artist is far more loved.
 */
async function affineArtists({ view, situation, affinity, limit, choice = anything }: FallbackRequest): Promise<Fallback> {
  const loved = (affinity?.artists ?? []).filter(artist => artist.affinity > 0).slice(0, ARTISTS)
  const ids = loved.map(artist => artist.artist_id)
  const details = ids.length > 0 ? await view.getMany('artist-details', ids) : []
  const scored: Scored[] = []
  const places = new Map<string, number>()
  for (const artist of details) {
    artist?.top_tracks.forEach(({ track_id }, place) => {
      if (situation.session.has(track_id) || places.has(track_id)) return
      const part = affinityPart(situation, artist.artist_id) / (place + 1)
      scored.push({ track_id, artist_id: artist.artist_id, score: AFFINITY_WEIGHT * part, cooccurrence: 0, affinity: part, together: 0 })
      places.set(track_id, place + 1)
    })
  }
  const first = choose(
    scored.sort((a, b) => b.score - a.score || compareIds(a.track_id, b.track_id)),
    limit,
    choice
  )
  const names = new Names(view)
  await names.load(first.map(scored => scored.track_id))
  await names.loadArtists(first.map(scored => scored.artist_id))
  const items = first.map(scored => {
    const artist = named(scored.artist_id, names)
    const place = places.get(scored.track_id)!
    const reasoning = `${place === 1 ? 'The' : `No. ${place} of the`} most played by ${artist?.artist_name}, whom this listener likes.`
    return item(scored, situation, names, reasoning, { tracks: [], artist })
  })
  return { source: 'affine_artists', description: "the most played tracks of the listener's favourite artists", items, asOf: undefined }
}

/** In the chart's order; the score is what the affinity part alone gives. */
async function chartTracks({ view, partitions, situation, limit, choice }: FallbackRequest, country: string | null): Promise<Fallback> {
  const chart = await readFirstChart(view, partitions, 'tracks', ['week', 'all'], country)
  const others = chart.entries.filter(entry => !situation.session.has(entry.id))
  const entries = choice ? others : others.slice(0, limit)
  const names = new Names(view)
  await names.loadTracks(entries.map(entry => entry.id))
  const candidates = entries.map(entry => ({ entry, track_id: entry.id, artist_id: names.artistOf(entry.id) }))
  const chosen = choose(candidates, limit, choice ?? anything)
  await names.loadArtists(chosen.map(({ artist_id }) => artist_id))
  const items = chosen.map(({ entry, artist_id }) => {
    const affinity = affinityPart(situation, artist_id)
    const scored = { track_id: entry.id, artist_id, score: AFFINITY_WEIGHT * affinity, cooccurrence: 0, affinity, together: 0 }
    const place = chart.entries.indexOf(entry) + 1
    const reasoning = `No. ${place} of ${chartName(chart)} with ${counted(entry.plays, 'play')}.`
    return item(scored, situation, names, reasoning, { tracks: [], artist: null })
  })
  return { source: country === null ? 'global_chart' : 'country_chart', description: chartName(chart), items, asOf: chart.end }
}

const chartName = ({ window, country }: MergedChart): string =>
  `the chart of ${window === 'all' ? 'all time' : 'the week'}${country === null ? '' : ` in ${country}`}`
