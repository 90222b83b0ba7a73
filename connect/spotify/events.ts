/** What was seen, as events for the topics. Their ids follow from their content: seen twice, they are the same event. */
import type { InputTopic, TopicValues } from '../../schemas/catalogue.js'
import type { PlaybackEventType } from '../../schemas/events.js'
import { eventId } from '../../schemas/ids.js'
import { newEvent } from '../producer.js'
import type { Outgoing } from './account.js'
import type { Ended, PlayerChange, Track } from './player.js'
import { nameIdOf } from './read.js'
import type { SavedChange } from './saved.js'

/** Whose events they are. */
export interface Listener {
  readonly userId: string
  readonly country: string | null
}

/** What Spotify itself counts as a stream; a track left sooner is a skip. */
const STREAM_MS = 30_000
const DAY_MS = 86_400_000

/** "Now playing" travels as a player's event of no further meaning; the play itself is published when it has ended. */
const playerEvents: Record<Exclude<PlayerChange['type'], 'ended'>, PlaybackEventType> = {
  started: 'other',
  paused: 'pause',
  resumed: 'resume',
  seeked: 'seek',
  'device-changed': 'device_change'
}

export function outgoingOf(listener: Listener, change: PlayerChange): Outgoing {
  if (change.type === 'ended') return ended(listener, change)
  const { track, device, at } = change
  const type = playerEvents[change.type]
  const event = { ...described(listener, track, at, type, 'poller'), device_type: device, event_type: type }
  return { event: newEvent('spotify-events', event) }
}

function ended(listener: Listener, { track, device, startedAt, at, listenedMs }: Ended): Outgoing {
  const skipped = listenedMs < STREAM_MS
  const type = skipped ? 'skip' : 'play'
  const ms_played = Math.min(DAY_MS, listenedMs)
  const topic: InputTopic = skipped ? 'spotify-skips' : 'spotify-plays'
  const event = { ...described(listener, track, skipped ? at : startedAt, type, 'poller'), device_type: device, ms_played }
  return {
    event: newEvent(topic, event),
    play: reported(track, { occurredAt: startedAt, endedAt: at, type, msPlayed: ms_played }, 'poller')
  }
}

/**
 * A play that Spotify remembers. Its `played_at` is documented as when the track was played; some players give the end, so
 * that the ledger is asked for both.
 */
export function remembered(listener: Listener, track: Track, playedAt: number): Outgoing {
  return {
    event: newEvent('spotify-plays', described(listener, track, playedAt, 'play', 'backfill')),
    play: reported(track, { occurredAt: playedAt, endedAt: playedAt, type: 'play', msPlayed: null }, 'recently played')
  }
}

export function liked(listener: Listener, { track, at, liked }: SavedChange): Outgoing {
  const event = { ...described(listener, track, at, liked ? 'like' : 'unlike', 'poller'), liked }
  return { event: newEvent('spotify-likes', event) }
}

const reported = (track: Track, times: { occurredAt: number; endedAt: number; type: string; msPlayed: number | null }, source: string) => ({
  ...times,
  trackId: track.trackId,
  nameId: nameIdOf(track),
  source
})

function described({ userId, country }: Listener, track: Track, at: number, type: string, source: string): TopicValues['spotify-plays'] {
  return {
    event_id: eventId(userId, track.trackId, at, type),
    user_id: userId,
    track_id: track.trackId,
    track_name: track.name,
    artist_id: track.artistId,
    artist_name: track.artist,
    album_name: track.album,
    occurred_at: at,
    duration_ms: track.durationMs,
    ms_played: null,
    device_type: null,
    country,
    source
  }
}
