// Generated from schemas/avro: edit those files, then run `npm run schemas:accept`.

/** The 50 artists that a listener loves most. */
export interface ArtistAffinity {
  user_id: string
  /** T_u: the latest occurred_at of the listener. */
  as_of: number
  /** Of the latest event that had one. */
  country: string | null
  artists: AffineArtist[]
}

export interface AffineArtist {
  artist_id: string
  /** A(u, a) at T_u. */
  a: number
  /** In [0, 1]. */
  affinity: number
  plays: number
}

/** The name of an artist, how often it was played, and its most played tracks. */
export interface ArtistDetails {
  artist_id: string
  artist_name: string
  plays: number
  top_tracks: TopTrack[]
}

export interface TopTrack {
  track_id: string
  plays: number
}

/** An artist is one of the four that a listener loves most: where those who are alike are looked for. */
export interface ArtistListener {
  artist_id: string
  user_id: string
  /** 0 to 7: how far the artist's part of the listener's vector of unit length is below 1, in eighths. */
  step: number
}

/** What one commit of a listeners task changed for the artists of one partition. */
export interface ArtistUpdates {
  dictionary: string[]
  plays: ArtistPlays[]
  chart_corrections: ArtistChartCorrection[]
}

/** Plays of one artist's track in one minute and country. */
export interface ArtistPlays {
  artist: number
  name: number
  track: number
  minute: number
  country: number
  count: number
  latest: number
  /** Accepted events that are no plays; they say names as plays do. */
  others: number
}

/** What a repair adds to the plays of all time in one chart. */
export interface ArtistChartCorrection {
  artist: number
  /** -1: the chart of all countries. */
  country: number
  count: number
}

/** A leaderboard of one partition's tracks, artists or listeners; partitions are disjoint, so a chart of all is their merge. */
export interface Chart {
  kind: ChartKind
  window: ChartWindow
  /** Null: all countries. */
  country: string | null
  /** The partition. */
  shard: number
  /** T: plays with T - window <= occurred_at < T count. */
  window_end: number
  entries: ChartEntry[]
  /** The window before: as long, and it ends where this one begins. Of all time: what stood 24 hours before T. */
  before: EarlierChartEntry[]
}

export type ChartKind = 'tracks' | 'artists' | 'listeners'

export type ChartWindow = 'hour' | 'day' | 'week' | 'all'

export interface ChartEntry {
  id: string
  plays: number
}

export interface EarlierChartEntry {
  id: string
  plays: number
}

/** A record that could not be accepted, with its original bytes. */
export interface DeadLetter {
  code: RejectionCode
  /** A sentence: which field, what is wrong with it. */
  reason: string
  topic: string
  partition: number
  offset: number
  record_time: number
  key: Buffer | null
  value: Buffer | null
  processor: string
}

export type RejectionCode = 'UNDECODABLE' | 'MISSING_FIELD' | 'BAD_ID' | 'BAD_TIME' | 'BAD_DURATION' | 'BAD_TYPE' | 'PROCESSING_FAILED'

/** A listener is to be forgotten: what is kept under their id is deleted. */
export interface Erasure {
  /** The listener. Also the record key. */
  user_id: string
  requested_at: number
  /** The UTC days (2026-01-31) of which user-days holds something of them. */
  days: string[]
}

/** What listeners of one partition were shown by a strategy, in an experiment or without one, and what they did with it; add the partitions up. */
export interface ExperimentCounts {
  experiment: string | null
  strategy: string
  /** The partition. */
  shard: number
  lists: number
  /** The tracks of those lists. */
  tracks: number
  played: number
  skipped: number
  liked: number
}

/** A list that was computed and given to a listener. Answers from the cache are the same exposure. */
export interface Exposure {
  /** A UUID that begins with the time (RFC 9562, version 7). */
  recommendation_id: string
  /** The listener. Also the record key. */
  user_id: string
  made_at: number
  strategy: string
  /** Null: the strategy was asked for, or there is no experiment. */
  experiment: string | null
  /** The current track; null: nothing was playing. */
  track_id: string | null
  /** In the order in which they were given. */
  tracks: string[]
  /** Where the tracks came from when the strategy had none. */
  fallback: string | null
}

/** What a listener did with a recommended track. It is no play, skip or like of its own: those come from the sources. */
export interface Feedback {
  recommendation_id: string
  /** The listener. Also the record key. */
  user_id: string
  track_id: string
  /** erased: the listener is to be forgotten, and with them what is kept of their lists. */
  action: FeedbackAction
  given_at: number
}

export type FeedbackAction = 'unknown' | 'played' | 'skipped' | 'liked' | 'erased'

/** A running instance: where its operations are asked for. */
export interface Instance {
  /** Of its data directory. Also the record key. */
  instance_id: string
  url: string
  started_at: number
}

/** What the lake writes next of one partition: decided, and committed, before it is written. A retry writes the same. */
export interface LakePlan {
  topic: string
  partition: number
  /** The first offset. */
  from: number
  /** The offset after the last. */
  next: number
  /** How many there are in between: offsets may have no record. */
  records: number
  /** Schema ids that the registry did not have: a retry must not decode what the first attempt could not. */
  absent: number[]
}

/** A track was liked, or unliked. */
export interface Like {
  /** Chosen by the producer; identifies the record, not the fact. */
  event_id: string
  /** The listener. Also the record key. */
  user_id: string
  track_id: string
  track_name: string
  /** Null where the source has none: it is then derived from artist_name. */
  artist_id: string | null
  artist_name: string
  album_name: string | null
  /** When it happened, UTC; for a play, its start. */
  occurred_at: number
  /** Length of the track, milliseconds. */
  duration_ms: number | null
  /** How long it was listened to, milliseconds. */
  ms_played: number | null
  /** As the source spells it. */
  device_type: string | null
  /** As the source spells it. */
  country: string | null
  /** What produced the record: simulator, export, poller, ... */
  source: string
  /** false: the like was taken back. */
  liked: boolean
}

/** What a listener has played, ever: their most played tracks and artists, when they listen, and their sessions. */
export interface ListenerProfile {
  user_id: string
  plays: number
  listening_ms: number
  /** The earliest occurred_at of a play. */
  first_play_at: number | null
  /** Plays by UTC hour of the week, 168 of them: Monday 0:00 first. */
  clock: number[]
  sessions: number
  /** The sum of the sessions' lengths: from the start of the first play to the start of the last. */
  session_ms: number
  longest_session_ms: number
  /** The most played, equal ones in the order of their ids. */
  tracks: PlayedTrack[]
  /** The most played, equal ones in the order of their ids. */
  artists: PlayedArtist[]
}

export interface PlayedTrack {
  track_id: string
  plays: number
  first_played_at: number
}

export interface PlayedArtist {
  artist_id: string
  plays: number
  first_played_at: number
}

/** The canonical event: accepted, cleansed, exactly once. A duplicate that turns out to be the better record retracts the earlier one. */
export interface ListeningEvent {
  /** retract takes back an event counted before; its fields are those that were counted. */
  action: Action
  event_id: string
  type: ListeningEventType
  user_id: string
  track_id: string
  track_name: string
  artist_id: string
  artist_name: string
  album_name: string | null
  occurred_at: number
  duration_ms: number | null
  ms_played: number | null
  device_type: DeviceType
  /** ISO 3166-1 alpha-2, upper case. */
  country: string | null
  source: string
  origin: Origin
}

export type Action = 'count' | 'retract'

export type ListeningEventType = 'play' | 'skip' | 'like' | 'unlike' | 'pause' | 'other'

export type DeviceType = 'smartphone' | 'computer' | 'tablet' | 'speaker' | 'tv' | 'car' | 'web' | 'other'

/** The record that the event came from. */
export interface Origin {
  topic: string
  partition: number
  offset: number
  record_time: number
}

/** What a listener's player shows: of the latest change of the player that is neither a play nor a skip. */
export interface NowPlaying {
  user_id: string
  track_id: string
  track_name: string
  artist_id: string
  artist_name: string
  /** When the change happened. */
  since: number
  /** Of the track. */
  duration_ms: number | null
  paused: boolean
  country: string | null
}

/** What one partition of the clean processor accepted, rejected and dropped as duplicates, and its sessions. */
export interface PipelineCounts {
  shard: number
  accepted: Record<string, number>
  rejected: Record<string, number>
  duplicates: number
  sessions: number
}

/** A track was listened to. */
export interface Play {
  /** Chosen by the producer; identifies the record, not the fact. */
  event_id: string
  /** The listener. Also the record key. */
  user_id: string
  track_id: string
  track_name: string
  /** Null where the source has none: it is then derived from artist_name. */
  artist_id: string | null
  artist_name: string
  album_name: string | null
  /** When it happened, UTC; for a play, its start. */
  occurred_at: number
  /** Length of the track, milliseconds. */
  duration_ms: number | null
  /** How long it was listened to, milliseconds. */
  ms_played: number | null
  /** As the source spells it. */
  device_type: string | null
  /** As the source spells it. */
  country: string | null
  /** What produced the record: simulator, export, poller, ... */
  source: string
}

/** Plays and listening time of one partition's listeners in an hour, on a day, on a device type; add the partitions up. */
export interface PlayStatistics {
  dimension: StatisticsDimension
  /** 2026-01-31T17, 2026-01-31, smartphone, total */
  value: string
  shard: number
  plays: number
  listening_ms: number
}

export type StatisticsDimension = 'hour' | 'day' | 'device' | 'total'

/** A change of the player. */
export interface PlaybackEvent {
  /** Chosen by the producer; identifies the record, not the fact. */
  event_id: string
  /** The listener. Also the record key. */
  user_id: string
  track_id: string
  track_name: string
  /** Null where the source has none: it is then derived from artist_name. */
  artist_id: string | null
  artist_name: string
  album_name: string | null
  /** When it happened, UTC; for a play, its start. */
  occurred_at: number
  /** Length of the track, milliseconds. */
  duration_ms: number | null
  /** How long it was listened to, milliseconds. */
  ms_played: number | null
  /** As the source spells it. */
  device_type: string | null
  /** As the source spells it. */
  country: string | null
  /** What produced the record: simulator, export, poller, ... */
  source: string
  /** unknown stands for every symbol that a reader does not know. */
  event_type: PlaybackEventType
}

export type PlaybackEventType = 'unknown' | 'play' | 'pause' | 'resume' | 'skip' | 'seek' | 'device_change' | 'like' | 'volume_change' | 'queue_change' | 'other'

/** How one partition's plays stood in the lists that stood before them, by strategy, in a span of time; add the partitions up. */
export interface Quality {
  strategy: string
  /** Five minutes, an hour, or all time. */
  span: QualitySpan
  /** The beginning of the span; 0 for all time. */
  start: number
  /** The partition. */
  shard: number
  /** Plays that were scored. */
  plays: number
  /** How many of them were first, second, ..., tenth in the list. */
  ranks: number[]
}

export type QualitySpan = 'minutes' | 'hour' | 'all'

/** What a reconciliation adds to the stores of a listeners task: the differences of batch and stream at a cut. */
export interface Repair {
  /** Whose affinities; null: none. Also the record key. */
  user_id: string | null
  /** T_u as the stream had it at the cut. If it still has it, as_of takes its place. */
  as_of_was: number
  as_of: number
  artists: AffinityCorrection[]
  counts: CountCorrection[]
}

/** What is added to one artist. */
export interface AffinityCorrection {
  artist_id: string
  /** To A(u, a) at the landmark. */
  sum: number
  plays: number
  /** To the number of events with a weight. */
  events: number
}

/** What is added to one of the counts. */
export interface CountCorrection {
  /** accepted, rejected, duplicates, sessions */
  kind: string
  name: string
  change: number
}

/** A listener with whom others may compare themselves. */
export interface SharedListener {
  user_id: string
  /** What others know the listener by. */
  alias: string
  /** What the listener wants to be called. */
  name: string | null
}

/** A listener's choice whether other listeners may compare themselves with them. The latest one holds. */
export interface Sharing {
  /** The listener. Also the record key. */
  user_id: string
  shares: boolean
  /** What others know the listener by. */
  alias: string
  /** What the listener wants to be called. */
  name: string | null
  chosen_at: number
}

/** A track was left early. */
export interface Skip {
  /** Chosen by the producer; identifies the record, not the fact. */
  event_id: string
  /** The listener. Also the record key. */
  user_id: string
  track_id: string
  track_name: string
  /** Null where the source has none: it is then derived from artist_name. */
  artist_id: string | null
  artist_name: string
  album_name: string | null
  /** When it happened, UTC; for a play, its start. */
  occurred_at: number
  /** Length of the track, milliseconds. */
  duration_ms: number | null
  /** How long it was listened to, milliseconds. */
  ms_played: number | null
  /** As the source spells it. */
  device_type: string | null
  /** As the source spells it. */
  country: string | null
  /** What produced the record: simulator, export, poller, ... */
  source: string
}

/** What each strategy would recommend to a listener from here on: made after a play, before the next one, to be scored by it. */
export interface StandingList {
  /** The listener. Also the record key. */
  user_id: string
  /** When the lists were complete: what was sent later is not in them. */
  made_at: number
  /** The last play of the session that they follow. */
  basis_at: number
  /** The distinct tracks of the session, which are never recommended. */
  session: string[]
  lists: StrategyList[]
}

export interface StrategyList {
  strategy: string
  /** At most ten, the first one first. */
  tracks: string[]
}

/** The names of a track and how often it was played. */
export interface TrackDetails {
  track_id: string
  track_name: string
  artist_id: string
  plays: number
}

/** The neighbours of a track: the 100 with the highest together and the 100 with the highest weight, merged. */
export interface TrackNeighbours {
  track_id: string
  /** sessions(a): sessions that contain the track. */
  sessions: number
  /** N(a). */
  n: number
  neighbours: Neighbour[]
}

export interface Neighbour {
  track_id: string
  /** together(a, b) */
  together: number
  /** W(a -> b) */
  weight: number
}

/** What one commit of a listeners task changed for the tracks of one partition: co-occurrence deltas and plays, merged. Columns of equal length belong together; integers index the dictionary. */
export interface TrackUpdates {
  /** Track ids, artist ids and names used below. */
  dictionary: string[]
  /** Tracks with changes of their own. */
  track: number[]
  /** Per track: change of sessions(a). */
  sessions: number[]
  /** Per track: change of N(a). */
  n: number[]
  /** Per track: how many entries of the next three columns are its own. */
  neighbours: number[]
  other: number[]
  /** Change of together(track, other). */
  together: number[]
  /** Change of W(track -> other). */
  weight: number[]
  plays: TrackPlays[]
  play_corrections: TrackPlaysCorrection[]
  chart_corrections: TrackChartCorrection[]
}

/** Plays of one track in one minute and country. */
export interface TrackPlays {
  track: number
  name: number
  artist: number
  /** occurred_at / 60000, rounded down. */
  minute: number
  /** -1: none. */
  country: number
  count: number
  /** Greatest occurred_at among them. */
  latest: number
  /** Accepted events that are no plays; they say names as plays do. */
  others: number
}

/** What a repair adds to the plays of a track, and to nothing else. */
export interface TrackPlaysCorrection {
  track: number
  count: number
}

/** What a repair adds to the plays of all time in one chart. */
export interface TrackChartCorrection {
  track: number
  /** -1: the chart of all countries. */
  country: number
  count: number
}

/** What a listener played on one UTC day. */
export interface UserDay {
  user_id: string
  day: string
  plays: number
  listening_ms: number
  distinct_tracks: number
  distinct_artists: number
  /** The distinct tracks, as four-byte hashes of their ids (schemas/heard.ts); at most 2,000. */
  heard: Buffer
}

/** The latest session of a listener (by its last play). */
export interface UserSession {
  user_id: string
  started_at: number
  last_play_at: number
  plays: number
  /** Of the latest event that had one. */
  country: string | null
  /** Distinct tracks, the most recently played first. */
  tracks: SessionTrack[]
}

export interface SessionTrack {
  track_id: string
  artist_id: string
  last_played_at: number
}
