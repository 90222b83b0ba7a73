import type { InputTopic, TopicValues } from '../../schemas/catalogue.js'
import type { Like, Play, PlaybackEvent, Skip } from '../../schemas/events.js'
import { NOON } from './harness.js'

const common: Play = {
  event_id: 'e',
  user_id: 'u',
  track_id: 't',
  track_name: 'T',
  artist_id: 'a',
  artist_name: 'A',
  album_name: null,
  occurred_at: NOON,
  duration_ms: null,
  ms_played: null,
  device_type: 'computer',
  country: null,
  source: 'test'
}

export const play = (fields: Partial<Play> = {}): Play => ({ ...common, ...fields })
export const skip = (fields: Partial<Skip> = {}): Skip => ({ ...common, ...fields })
export const like = (fields: Partial<Like> = {}): Like => ({ ...common, liked: true, ...fields })
export const change = (fields: Partial<PlaybackEvent> = {}): PlaybackEvent => ({ ...common, event_type: 'pause', ...fields })

export type Input = { [N in InputTopic]: { readonly topic: N; readonly event: TopicValues[N] } }[InputTopic]

/** A line of a vector: fields that are left out have the schema's defaults. */
export function inputOf(line: string): Input {
  const { topic, event } = JSON.parse(line)
  const rest = topic === 'spotify-likes' ? { liked: true } : topic === 'spotify-events' ? { event_type: 'unknown' } : {}
  const defaults = {
    artist_id: null,
    album_name: null,
    duration_ms: null,
    ms_played: null,
    device_type: null,
    country: null,
    source: 'unknown'
  }
  return { topic, event: { ...defaults, ...rest, ...event } }
}
