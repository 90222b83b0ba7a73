import type { ListeningEvent } from '../../schemas/events.js'
import type { Cleansed } from '../clean/clean.js'

/** Milliseconds listened to a play: what was played, else the track's length, else 0 (semantics.md, section 7). */
export const listeningMs = ({ ms_played, duration_ms }: ListeningEvent): number => ms_played ?? duration_ms ?? 0

/** 1: the input counts a play; -1: it takes one back; 0: it says nothing about plays. */
export function playSign(input: Cleansed): -1 | 0 | 1 {
  if (input.action !== 'count' && input.action !== 'retract') return 0
  if (input.event.type !== 'play') return 0
  return input.action === 'count' ? 1 : -1
}
