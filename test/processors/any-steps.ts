import fc from 'fast-check'
import { artistIdFromName } from '../../schemas/ids.js'
import { change, type Input, like, play, skip } from './events.js'
import { DAY, Listeners, NOON } from './harness.js'
import { type Counted, Reference } from './reference.js'

const tracks = ['a', 'ab', '\uffee', '\u{1f3b5}']
const countries = [null, 'DE', 'GB', 'nowhere']

/** Few listeners, tracks and moments, so that facts meet, sessions merge and records repeat each other. */
const anyInput: fc.Arbitrary<Input> = fc
  .record({
    kind: fc.constantFrom('play', 'play', 'play', 'play', 'short', 'skip', 'like', 'unlike', 'change', 'played', 'played', 'played'),
    user_id: fc.constantFrom('u', 'u', 'u '),
    track_id: fc.constantFrom(...tracks),
    minutes: fc.integer({ min: 0, max: 16 }),
    late: fc.constantFrom(0, 0, 0, 1),
    name: fc.constantFrom('X', 'Y', 'Ü'),
    artist_id: fc.constantFrom('a1', 'a2', null),
    country: fc.constantFrom(...countries),
    duration_ms: fc.constantFrom(null, 200_000),
    ms_played: fc.constantFrom(null, 31_000)
  })
  .map(({ kind, minutes, late, name, ...fields }) => {
    const event = { ...fields, occurred_at: NOON - DAY + minutes * 30 * 60_000 + late, track_name: name, artist_name: name, event_id: kind }
    if (kind === 'play') return { topic: 'spotify-plays', event: play(event) }
    if (kind === 'short') return { topic: 'spotify-plays', event: play({ ...event, ms_played: 29_999 }) }
    if (kind === 'skip') return { topic: 'spotify-skips', event: skip(event) }
    if (kind === 'like' || kind === 'unlike') return { topic: 'spotify-likes', event: like({ ...event, liked: kind === 'like' }) }
    return { topic: 'spotify-events', event: change({ ...event, event_type: kind === 'played' ? 'play' : 'seek' }) }
  })

type Step = Input | 'commit' | 'restart'
export const anySteps = fc.array(
  fc.oneof({ weight: 12, arbitrary: anyInput }, { weight: 1, arbitrary: fc.constantFrom<Step>('commit', 'restart') }),
  { minLength: 1, maxLength: 60, size: 'max' }
) as fc.Arbitrary<Step[]>

/** The processors, and what the text says, after the same records. */
export function run(steps: readonly Step[]): { listeners: Listeners; reference: Reference } {
  const listeners = new Listeners()
  const reference = new Reference()
  const offsets = new Map<string, number>()
  for (const step of steps) {
    if (typeof step === 'string') {
      listeners.commit()
      if (step === 'restart') listeners.restart()
      continue
    }
    const offset = offsets.get(step.topic) ?? 0
    offsets.set(step.topic, offset + 1)
    listeners.pipe(step.topic, step.event as never, NOON)
    reference.read({ input: step, offset, now: NOON })
  }
  listeners.commit()
  return { listeners, reference }
}

export const artistOf = ({ input }: Counted): string => input.event.artist_id ?? artistIdFromName(input.event.artist_name)
export const countryOf = ({ input }: Counted): string | null => (input.event.country === 'nowhere' ? null : input.event.country)
export const isPlay = (event: Counted): boolean => event.type === 'play'
