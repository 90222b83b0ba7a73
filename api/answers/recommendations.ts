import { userDayKey } from '../../schemas/catalogue.js'
import type { ArtistAffinity, TrackDetails, UserSession } from '../../schemas/events.js'
import { addHashes, idHash } from '../../schemas/heard.js'
import type { View } from '../../state/view/view.js'
import { Generations } from '../cache.js'
import { notFound } from '../problem.js'
import type { Choice } from '../recommend/choice.js'
import { rank, rankAllowed, type Scored } from '../recommend/rank.js'
import { type Contenders, type ContextLists, Scorer } from '../recommend/scorer.js'
import { isCurrent, SESSION_GAP_MS, type Situation, type Strategy, situationOf } from '../recommend/situation.js'
import { type Answer, HEARD_DAYS, type RecommendationItem } from '../schemas/recommendations.js'
import { type Fallback, fallBack } from './fallback.js'
import { itemOf } from './items.js'
import { Names } from './names.js'
import { type Playing, playingAt } from './playing.js'
import { isoTime } from './text.js'

const DAY_MS = 86_400_000
/** The name of a track that was never played before comes a moment after its play: so long an answer without it is kept. */
const NAMELESS_MS = 200

export interface RecommendationRequest {
  /** Tracks that the list is to follow, the current one first; none: what the listener plays now. */
  readonly given: readonly string[]
  /** Absent: nobody in particular. */
  readonly user?: string | undefined
  readonly strategy: Strategy
  readonly limit: number
  /** T, milliseconds: a session is current or not at this time. */
  readonly at: number
  /** The time of the request, milliseconds. */
  readonly now: number
  /** By which feedback names the answer; null: it is given to nobody in particular. */
  readonly id: string | null
  /** The experiment that chose the strategy. */
  readonly experiment: string | null
  /** Absent: everything may be recommended. */
  readonly wish?: Wish | undefined
}

/** What the client wants of a list beside its length. */
export interface Wish {
  readonly exclude: readonly string[]
  /** Leave out what the listener played in the last `HEARD_DAYS` days. */
  readonly excludeHeard: boolean
  readonly maxPerArtist: number
  readonly seed?: number | undefined
}

interface Heard {
  readonly session: UserSession | undefined
  readonly affinity: ArtistAffinity | undefined
  /** What their player shows, if it is what the list is to follow. */
  readonly shown: Playing | undefined
  /** Of the tracks that were asked for. */
  readonly askedDetails: readonly (TrackDetails | undefined)[]
}

interface Found extends Heard {
  /** Whether the session is current. */
  readonly playing: boolean
  readonly situation: Situation
  /** Of the current track. */
  readonly artist: string | undefined
  readonly lists: ContextLists
  /** Details of the context tracks, in order. */
  readonly details: readonly (TrackDetails | undefined)[]
  readonly choice: Choice | undefined
}

/** Computes recommendations from the view. One for the whole API: it remembers indexed lists and artists of tracks. */
export class Recommender {
  readonly #scorer = new Scorer()
  readonly #trackChanges = new Generations()

  constructor(
    private readonly view: View,
    private readonly partitions: number,
    /** The newest event time seen, for answers that rest on no listener. */
    private readonly newestEvent: () => Promise<number | undefined>
  ) {}

  /** To be told of every change of `track-details`; undefined: any of them may have changed. */
  tracksChanged(tracks: readonly string[] | undefined): void {
    if (tracks === undefined) {
      this.#trackChanges.allChanged()
      this.#scorer.index.forgetArtists()
    } else
      for (const track of tracks) {
        this.#trackChanges.changed(track)
        this.#scorer.index.learnArtist(track, undefined)
      }
  }

  /**
   * The answer, and until when it holds at most (milliseconds): a session stops being current by itself.
   * @throws ProblemError 404: the track, or the listener where no track is given, is unknown.
   */
  async recommend(request: RecommendationRequest): Promise<{ answer: Answer; until: number }> {
    const found = await this.#find(request, await this.#heard(request))
    const { situation, lists, choice } = found
    const ends = found.playing ? found.session!.last_play_at + SESSION_GAP_MS + 1 : Number.POSITIVE_INFINITY
    const isNameless = situation.context.length > 0 && found.details[0] === undefined && found.shown === undefined
    const until = Math.min(ends, found.shown?.until ?? ends, isNameless ? request.now + NAMELESS_MS : ends)
    const names = new Names(this.view)
    names.addTracks(situation.context, found.details)
    // A choice may pass over any number of them.
    const contenders = this.#scorer.contenders(situation, lists, choice ? Number.POSITIVE_INFINITY : request.limit)
    await this.#fillArtists(contenders)
    const scored = choice ? rankAllowed(situation, contenders, request.limit, choice) : rank(situation, contenders, request.limit)
    if (scored.length > 0) {
      const items = await this.#items(scored, found, names)
      return { answer: answerOf(request, found, names, items, undefined, await this.#asOf(found)), until }
    }
    await names.loadArtists([found.artist])
    const country = found.session?.country ?? found.affinity?.country ?? null
    const fallback = await fallBack({ view: this.view, partitions: this.partitions, ...found, country, limit: request.limit })
    // A chart's window ends with the current minute.
    const asOf = latest(await this.#asOf(found), fallback.asOf === undefined ? undefined : Math.min(fallback.asOf, request.now))
    return { answer: answerOf(request, found, names, fallback.items, fallback, asOf), until }
  }

  /** The first `limit` tracks of a strategy for what the listener plays now, without a fallback. */
  async ids(user: string, strategy: Strategy, limit: number, now: number): Promise<string[]> {
    const request = { given: [], user, strategy, limit, at: now, now, id: null, experiment: null }
    const { situation, lists } = await this.#find(request, { ...(await this.#heard(request)), shown: undefined })
    const contenders = this.#scorer.contenders(situation, lists, limit)
    await this.#fillArtists(contenders)
    return rank(situation, contenders, limit).map(({ track_id }) => track_id)
  }

  /** Reads who listens, and what was asked for. */
  async #heard({ given, user, at }: RecommendationRequest): Promise<Heard> {
    const [askedDetails, session, affinity, player] = await Promise.all([
      given.length === 0 ? [] : this.view.getMany('track-details', given),
      user === undefined ? undefined : this.view.get('user-sessions', user),
      user === undefined ? undefined : this.view.get('artist-affinity', user),
      // What their player shows comes before the session's tracks, as a track that is asked for does.
      user === undefined || given.length > 0 ? undefined : this.view.get('now-playing', user)
    ])
    return { session, affinity, shown: playingAt(player, session, at), askedDetails }
  }

  /** Reads the neighbours of what the list follows. */
  async #find({ given: asked, user, strategy, at, wish }: RecommendationRequest, heard: Heard): Promise<Found> {
    const { session, affinity, shown } = heard
    const tracks = shown ? [shown.track_id] : asked
    if (tracks.length === 0 && session === undefined && affinity === undefined) throw notFound('listener', user ?? '')
    const givenDetails = shown ? await this.view.getMany('track-details', tracks) : heard.askedDetails
    // A track that nobody has played to its end is known from the player alone.
    const artistOf = (id: string | undefined) =>
      session?.tracks.find(({ track_id }) => track_id === id)?.artist_id ?? (shown?.track_id === id ? shown?.artist_id : undefined)
    const given = tracks.map((track_id, i) => ({ track_id, artist_id: givenDetails[i]?.artist_id ?? artistOf(track_id) }))
    const situation = situationOf(strategy, at, { session, affinity }, given)
    const [lists, details] = await Promise.all([
      this.view.getMany('track-neighbours', situation.context),
      this.view.getMany('track-details', situation.context)
    ])
    const isKnown = given.some(({ artist_id }, i) => artist_id !== undefined || lists[i] !== undefined)
    if (given.length > 0 && !isKnown) throw notFound('track', given[0]!.track_id)
    const artist = given.length > 0 ? given[0]!.artist_id : (details[0]?.artist_id ?? artistOf(situation.context[0]))
    const choice = wish && (await this.#choice(wish, user, affinity))
    return { ...heard, playing: isCurrent(session, at), situation, artist, lists, details, choice }
  }

  async #choice({ exclude, excludeHeard, ...rest }: Wish, user: string | undefined, affinity: ArtistAffinity | undefined): Promise<Choice> {
    const excluded = new Set(exclude)
    const heard = excludeHeard && user !== undefined && affinity !== undefined ? await heardBy(this.view, user, affinity.as_of) : undefined
    return { ...rest, allows: track => !excluded.has(track) && heard?.has(idHash(track)) !== true }
  }

  async #fillArtists(contenders: Contenders): Promise<void> {
    const missing: number[] = []
    for (let i = 0; i < contenders.tracks.length; i++) if (contenders.artists[i] === undefined) missing.push(i)
    if (missing.length === 0) return
    const tracks = missing.map(i => contenders.tracks[i]!)
    const looks = tracks.map(track => this.#trackChanges.look(track))
    const details = await this.view.getMany('track-details', tracks)
    for (let m = 0; m < missing.length; m++) {
      const artist = details[m]?.artist_id
      contenders.artists[missing[m]!] = artist
      if (this.#trackChanges.isCurrent(looks[m]!)) this.#scorer.index.learnArtist(tracks[m]!, artist)
    }
  }

  async #items(scored: readonly Scored[], { situation, lists, artist }: Found, names: Names): Promise<RecommendationItem[]> {
    await Promise.all([
      names.loadTracks(scored.map(item => item.track_id)),
      names.loadArtists([artist, ...scored.map(item => item.artist_id)])
    ])
    return scored.map(item => itemOf(item, situation, lists, this.#scorer, names))
  }

  async #asOf({ session, affinity }: Found): Promise<number | undefined> {
    return latest(session?.last_play_at, affinity?.as_of) ?? (await this.newestEvent())
  }
}

/** Hashes of the tracks that were played on the days that end with the listener's latest event. */
async function heardBy(view: View, user: string, asOf: number): Promise<Set<number>> {
  const keys = Array.from({ length: HEARD_DAYS }, (_, i) => userDayKey(user, isoTime(asOf - i * DAY_MS).slice(0, 10)))
  const heard = new Set<number>()
  for (const day of await view.getMany('user-days', keys)) if (day !== undefined) addHashes(day.heard, heard)
  return heard
}

const latest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b)

function answerOf(
  { id, user, strategy, experiment, now }: RecommendationRequest,
  found: Found,
  names: Names,
  recommendations: RecommendationItem[],
  fallback: Fallback | undefined,
  asOf: number | undefined
): Answer {
  const { situation, artist, shown } = found
  const current = situation.context[0]
  // What the player shows may not have come to its end anywhere yet.
  const track = current === undefined ? null : (names.findTrack(current) ?? shown?.track_name ?? current)
  const by = artist === undefined ? null : (names.findArtist(artist) ?? shown?.artist_name ?? artist)
  return {
    track_id: current ?? null,
    track_name: track,
    artist_name: by,
    user_id: user ?? null,
    recommendation_id: id,
    strategy,
    experiment: experiment === null ? null : { name: experiment, variant: strategy },
    context: [...situation.context],
    recommendations,
    total_recommendations: recommendations.length,
    fallback: fallback ? { source: fallback.source, reason: fallbackReason(fallback, found) } : null,
    generated_at: isoTime(now),
    as_of: asOf === undefined ? null : isoTime(asOf)
  }
}

function fallbackReason({ description, items }: Fallback, { situation, lists, choice }: Found): string {
  const cause =
    situation.context.length === 0
      ? 'The listener plays nothing at this time'
      : lists.some(list => list !== undefined && list.neighbours.length > 0)
        ? `All tracks that are known to be played together with these are in the session already${choice ? ', or left out as you asked' : ''}`
        : 'No other track has been played in a session with this one yet'
  return items.length > 0 ? `${cause}: this is ${description}.` : `${cause}, and no chart has an entry to show instead.`
}
