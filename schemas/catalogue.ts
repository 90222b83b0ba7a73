/** The topic catalogue: what each topic holds, how it is keyed and how long its records are kept. */
import type { CleanupPolicy, TopicSpec } from '../streams/log/log.js'
import type * as events from './events.js'

/** Maps a topic's name to the type of its values. */
export interface TopicValues {
  'spotify-plays': events.Play
  'spotify-skips': events.Skip
  'spotify-likes': events.Like
  'spotify-events': events.PlaybackEvent
  erasures: events.Erasure
  sharing: events.Sharing
  repairs: events.Repair
  instances: events.Instance
  'listening-events': events.ListeningEvent
  'dead-letters': events.DeadLetter
  'user-sessions': events.UserSession
  'track-updates': events.TrackUpdates
  'artist-updates': events.ArtistUpdates
  'track-neighbours': events.TrackNeighbours
  'artist-affinity': events.ArtistAffinity
  'listener-profiles': events.ListenerProfile
  'artist-listeners': events.ArtistListener
  'shared-listeners': events.SharedListener
  'track-details': events.TrackDetails
  'artist-details': events.ArtistDetails
  charts: events.Chart
  'play-statistics': events.PlayStatistics
  'user-days': events.UserDay
  'now-playing': events.NowPlaying
  'pipeline-counts': events.PipelineCounts
  'lake-plans': events.LakePlan
  'recommendation-exposures': events.Exposure
  'recommendation-feedback': events.Feedback
  'standing-recommendations': events.StandingList
  'recommendation-quality': events.Quality
  'experiment-counts': events.ExperimentCounts
}
export type TopicName = keyof TopicValues
export type InputTopic = 'spotify-plays' | 'spotify-skips' | 'spotify-likes' | 'spotify-events'

/** All that other topics are computed from: what a replay needs. */
export type SourceTopic = InputTopic | 'erasures' | 'sharing'

/** What the API adds to the facts: what it recommended, and what listeners did with it. */
export type AnswerTopic = 'recommendation-exposures' | 'recommendation-feedback' | 'standing-recommendations'

export interface TopicEntry<N extends TopicName = TopicName> {
  readonly name: N
  /** The file in schemas/avro, without `.avsc`. */
  readonly schema: string
  /** What a record's key is. */
  readonly key: string
  readonly cleanup: CleanupPolicy
  /** Milliseconds of record time; -1 keeps records for ever. */
  readonly retentionMs: number
  /** A repartition topic: nobody but the application reads it, and it is purged once consumed. */
  readonly internal: boolean
  readonly doc: string
}

/** Of 2026-01-31. */
const DAY_LENGTH = 10
const dayMs = 24 * 60 * 60 * 1000

const entry = <N extends TopicName>(name: N, schema: string, key: string, doc: string, rest: Partial<TopicEntry> = {}): TopicEntry<N> => ({
  cleanup: 'compact',
  retentionMs: -1,
  internal: false,
  ...rest,
  name,
  schema,
  key,
  doc
})

// An event-sourced system keeps its input: everything else can be computed again from it.
const input = { cleanup: 'delete', retentionMs: -1 } as const
const repartition = { cleanup: 'delete', retentionMs: -1, internal: true } as const

export const catalogue: { readonly [N in TopicName]: TopicEntry<N> } = {
  'spotify-plays': entry('spotify-plays', 'play', 'user_id', 'Input: a track was listened to.', input),
  'spotify-skips': entry('spotify-skips', 'skip', 'user_id', 'Input: a track was left early.', input),
  'spotify-likes': entry('spotify-likes', 'like', 'user_id', 'Input: a track was liked or unliked.', input),
  'spotify-events': entry('spotify-events', 'playback-event', 'user_id', 'Input: a change of the player.', input),
  erasures: entry(
    'erasures',
    'erasure',
    'user_id',
    'Input: listeners to be forgotten. For the lake it is the list of what to erase.',
    input
  ),
  sharing: entry('sharing', 'sharing', 'user_id', 'Input: whether other listeners may compare themselves with one.', input),
  repairs: entry(
    'repairs',
    'repair',
    'user_id, or empty',
    'What reconciliations add to the stores of listeners; a replay passes over it.',
    {
      cleanup: 'delete',
      retentionMs: 90 * dayMs
    }
  ),
  instances: entry('instances', 'instance', 'instance_id', 'Where running instances answer, for commands that need all of them.'),
  'listening-events': entry('listening-events', 'listening-event', 'user_id', 'Canonical events: accepted, cleansed, exactly once.', {
    cleanup: 'delete',
    retentionMs: 30 * dayMs
  }),
  'dead-letters': entry('dead-letters', 'dead-letter', "the rejected record's key", 'Records that could not be accepted, and why.', {
    cleanup: 'delete',
    retentionMs: 90 * dayMs
  }),
  'user-sessions': entry('user-sessions', 'user-session', 'user_id', 'The latest session of each listener.'),
  'track-updates': entry(
    'track-updates',
    'track-updates',
    "the sender's partition",
    'Packed changes for the tracks of a partition.',
    repartition
  ),
  'artist-updates': entry(
    'artist-updates',
    'artist-updates',
    "the sender's partition",
    'Packed changes for the artists of a partition.',
    repartition
  ),
  'track-neighbours': entry('track-neighbours', 'track-neighbours', 'track_id', 'The strongest neighbours of each track.'),
  'artist-affinity': entry('artist-affinity', 'artist-affinity', 'user_id', 'The artists that each listener loves most.'),
  'listener-profiles': entry(
    'listener-profiles',
    'listener-profile',
    'user_id',
    'What each listener has played, since when and at which hours.'
  ),
  'artist-listeners': entry(
    'artist-listeners',
    'artist-listener',
    'artist_id|step|user_id',
    'Listeners by the artists that they love most.'
  ),
  'shared-listeners': entry(
    'shared-listeners',
    'shared-listener',
    'user|user_id and alias|alias',
    'Listeners with whom others may compare themselves.'
  ),
  'track-details': entry('track-details', 'track-details', 'track_id', 'Name, artist and plays of each track.'),
  'artist-details': entry('artist-details', 'artist-details', 'artist_id', 'Name, plays and top tracks of each artist.'),
  charts: entry('charts', 'chart', 'kind|window|country or *|shard', 'Leaderboards of the last hour, day, week and of all time.'),
  'play-statistics': entry(
    'play-statistics',
    'play-statistics',
    'dimension|value|shard',
    'Plays and listening time by hour, day and device.'
  ),
  'user-days': entry('user-days', 'user-day', 'user_id|day', 'What each listener played on each UTC day.'),
  'now-playing': entry('now-playing', 'now-playing', 'user_id', "What each listener's player shows."),
  'pipeline-counts': entry('pipeline-counts', 'pipeline-counts', 'shard', 'Accepted, rejected and duplicate records.'),
  'lake-plans': entry('lake-plans', 'lake-plan', 'topic|partition', 'What the lake writes next of each input partition.'),
  'recommendation-exposures': entry('recommendation-exposures', 'exposure', 'user_id', 'Lists that listeners were given.', {
    cleanup: 'delete',
    retentionMs: 90 * dayMs
  }),
  'recommendation-feedback': entry('recommendation-feedback', 'feedback', 'user_id', 'What listeners did with recommended tracks.', input),
  'standing-recommendations': entry(
    'standing-recommendations',
    'standing-list',
    'user_id',
    "Each strategy's list after a play, to be scored by the next one.",
    { cleanup: 'delete', retentionMs: 90 * dayMs }
  ),
  'recommendation-quality': entry(
    'recommendation-quality',
    'quality',
    'strategy|span|slot|shard',
    'How well the strategies foresaw the plays.'
  ),
  'experiment-counts': entry(
    'experiment-counts',
    'experiment-counts',
    'experiment|strategy|shard',
    'What came of the lists that were given.'
  )
}

export const topicNames = Object.keys(catalogue) as TopicName[]

export const inputTopics: readonly InputTopic[] = ['spotify-plays', 'spotify-skips', 'spotify-likes', 'spotify-events']

/** What sources send, and what listeners choose: what the lake keeps. */
export const sourceTopics: readonly SourceTopic[] = [...inputTopics, 'erasures', 'sharing']

/** Facts, too, though not from sources. The lake does not keep them. */
export const answerTopics: readonly AnswerTopic[] = ['recommendation-exposures', 'recommendation-feedback', 'standing-recommendations']

/** All that is read and never computed. */
export const factTopics: readonly TopicName[] = [...sourceTopics, ...answerTopics]

/** All topics with the same number of partitions: what is co-partitioned must agree on it. */
export const topicSpecs = (partitions = 3): TopicSpec[] =>
  Object.values(catalogue).map(({ name, cleanup, retentionMs }) => ({ name, partitions, cleanup, retentionMs }))

/** The key in `charts`; a null country stands for all of them. */
export const chartKey = (kind: events.ChartKind, window: events.ChartWindow, country: string | null, shard: number): string =>
  `${kind}|${window}|${country ?? '*'}|${shard}`

/** The key in `play-statistics`. */
export const statisticsKey = (dimension: events.StatisticsDimension, value: string, shard: number): string =>
  `${dimension}|${value}|${shard}`

/** The key in `user-days`. The day (2026-01-31) comes last and has a fixed width, so that a user id may contain anything. */
export const userDayKey = (userId: string, day: string): string => `${userId}|${day}`

export const userOfDay = (key: string): string => key.slice(0, -DAY_LENGTH - 1)

/** The steps of `artist-listeners`: few, so that one more play seldom moves a listener, and one digit. */
const TASTE_STEPS = 8
/** The step of a part of a vector of unit length: 0 is the strongest. */
export const tasteStep = (part: number): number => Math.min(TASTE_STEPS - 1, Math.floor((1 - part) * TASTE_STEPS))
/** The middle of a step. */
export const tastePart = (step: number): number => 1 - (step + 0.5) / TASTE_STEPS

/** The key in `artist-listeners`: those who love the artist most come first. */
export const artistListenerKey = (artistId: string, step: number, userId: string): string => `${artistId}|${step}|${userId}`

/** The keys in `shared-listeners`. */
export const sharedKey = (by: 'user' | 'alias', id: string): string => `${by}|${id}`

/** The key in `lake-plans`. */
export const planKey = (topic: string, partition: number): string => `${topic}|${partition}`

/** The key in `pipeline-counts`. */
export const countsKey = (shard: number): string => String(shard)

/** The key in `recommendation-quality`. Slots are used again: minutes after a day, hours after a week. */
export const qualityKey = (strategy: string, span: events.QualitySpan, slot: number, shard: number): string =>
  `${strategy}|${span}|${slot}|${shard}`

/** The key in `experiment-counts`. */
export const experimentKey = (experiment: string | null, strategy: string, shard: number): string =>
  `${experiment ?? '*'}|${strategy}|${shard}`
