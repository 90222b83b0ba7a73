import type { InputTopic, TopicValues } from '../../schemas/catalogue.js'
import type { ListeningEvent, ListeningEventType, PlaybackEventType } from '../../schemas/events.js'
import { countryCode, deviceType } from '../../schemas/mappings.js'
import type { RecordMetadata, TopicRecord } from '../../streams/processor.js'

export type InputRecord = TopicRecord<TopicValues, InputTopic>

/** What Spotify itself counts as a stream; a shorter play is a skip. */
const STREAM_MS = 30_000

const playbackTypes: Partial<Record<PlaybackEventType, ListeningEventType>> = { play: 'play', pause: 'pause', skip: 'skip', like: 'like' }

/** The canonical type of a record (semantics.md, section 2). */
export function typeOf(record: InputRecord): ListeningEventType {
  switch (record.topic) {
    case 'spotify-plays':
      return playOrSkip(record.value.ms_played)
    case 'spotify-skips':
      return 'skip'
    case 'spotify-likes':
      return record.value.liked ? 'like' : 'unlike'
    case 'spotify-events': {
      const type = playbackTypes[record.value.event_type] ?? 'other'
      return type === 'play' ? playOrSkip(record.value.ms_played) : type
    }
  }
}

const playOrSkip = (msPlayed: number | null): ListeningEventType => (msPlayed !== null && msPlayed < STREAM_MS ? 'skip' : 'play')

/** The canonical event of a record that passed all checks. */
export function listeningEvent(record: InputRecord, artistId: string, origin: RecordMetadata): ListeningEvent {
  const { value } = record
  return {
    action: 'count',
    event_id: value.event_id,
    type: typeOf(record),
    user_id: value.user_id,
    track_id: value.track_id,
    track_name: value.track_name,
    artist_id: artistId,
    artist_name: value.artist_name,
    album_name: value.album_name,
    occurred_at: value.occurred_at,
    duration_ms: value.duration_ms,
    ms_played: value.ms_played,
    device_type: deviceType(value.device_type),
    country: countryCode(value.country),
    source: value.source,
    origin: { topic: origin.topic, partition: origin.partition, offset: origin.offset, record_time: origin.timestamp }
  }
}
