/**
 * What a listener does, told from looks at their player some seconds apart. Pure: a state and a look give the next state and
 * the changes between them. Spotify's own timestamps are not used: they say when the state changed for some players, when it
 * was fetched for others.
 */

export interface Track {
  readonly trackId: string
  readonly name: string
  /** Null: only the artist's name is known. */
  readonly artistId: string | null
  readonly artist: string
  readonly album: string | null
  readonly durationMs: number | null
}

export interface Playing {
  readonly track: Track
  readonly isPlaying: boolean
  readonly progressMs: number
  readonly device: string | null
}

export interface Look {
  /** When it was answered, milliseconds since the epoch. */
  readonly at: number
  /** Null: nothing that counts (nothing, an advertisement, a podcast, a private session). */
  readonly playing: Playing | null
}

export interface PlayerState {
  readonly lookedAt: number
  readonly current: CurrentPlay | null
}

export interface CurrentPlay extends Playing {
  readonly startedAt: number
  /** Without pauses and without what was jumped over. */
  readonly listenedMs: number
}

interface ChangeOf<T extends string> {
  readonly type: T
  readonly at: number
  readonly track: Track
  readonly device: string | null
}

export interface Ended extends ChangeOf<'ended'> {
  readonly startedAt: number
  readonly listenedMs: number
}

export type PlayerChange = ChangeOf<'started' | 'paused' | 'resumed' | 'seeked' | 'device-changed'> | Ended

/** How far progress and clock may disagree before somebody must have moved the position. */
const TOLERANCE_MS = 3_000
/** After so long without a look nothing is known of what was between. */
const FORGET_MS = 3_600_000
/** A look before a start says when the start was at the earliest, if it was so recent. */
const RECENT_MS = 60_000

export interface Step {
  readonly state: PlayerState
  readonly changes: readonly PlayerChange[]
}

export function step(before: PlayerState | null, look: Look): Step {
  // A clock that was set back must not make time run backwards.
  const lookedAt = Math.min(before?.lookedAt ?? look.at, look.at)
  const current = before?.current ?? null
  const { playing } = look
  if (current !== null && playing !== null && continues(current, lookedAt, look, playing)) {
    const { play, changes } = goOn(current, lookedAt, look.at, playing)
    return { state: { lookedAt: look.at, current: play }, changes }
  }
  const changes: PlayerChange[] = []
  if (current !== null) changes.push(end(current, lookedAt, look))
  let next: CurrentPlay | null = null
  if (playing?.isPlaying && !isStuck(playing)) {
    next = begin(before === null ? null : lookedAt, look.at, playing)
    changes.push({ type: 'started', at: next.startedAt, track: next.track, device: next.device })
  }
  return { state: { lookedAt: look.at, current: next }, changes }
}

/** Some players say for hours that they play, far past the end of the track. */
const isStuck = ({ track: { durationMs }, progressMs }: Playing): boolean => durationMs !== null && progressMs > durationMs + TOLERANCE_MS

/** Whether the look still shows the same play, and not the next one of the same track. */
function continues(current: CurrentPlay, lookedAt: number, { at }: Look, playing: Playing): boolean {
  if (playing.track.trackId !== current.track.trackId || at - lookedAt > FORGET_MS || isStuck(playing)) return false
  const { durationMs } = current.track
  const wasOver = durationMs !== null && current.isPlaying && current.progressMs + (at - lookedAt) >= durationMs - TOLERANCE_MS
  return !(wasOver && playing.progressMs < current.progressMs)
}

function goOn(current: CurrentPlay, lookedAt: number, at: number, playing: Playing): { play: CurrentPlay; changes: PlayerChange[] } {
  const passed = at - lookedAt
  const advanced = playing.progressMs - current.progressMs
  const listened = Math.max(0, Math.min(advanced, passed))
  const device = playing.device ?? current.device
  const changes: PlayerChange[] = []
  const change = (type: 'paused' | 'resumed' | 'seeked' | 'device-changed', when: number) =>
    changes.push({ type, at: when, track: current.track, device })
  let heard = listened
  if (current.isPlaying && playing.isPlaying) {
    // Less than the time that passed: paused and resumed between two looks. More, or back: moved.
    if (advanced < -TOLERANCE_MS || advanced > passed + TOLERANCE_MS) {
      change('seeked', at)
      heard = Math.min(passed, advanced < 0 ? playing.progressMs : passed)
    }
  } else if (current.isPlaying) change('paused', lookedAt + listened)
  else if (playing.isPlaying) change('resumed', at - listened)
  else heard = 0
  if (current.device !== null && device !== current.device) change('device-changed', at)
  return {
    play: { ...current, device, isPlaying: playing.isPlaying, progressMs: playing.progressMs, listenedMs: current.listenedMs + heard },
    changes
  }
}

function begin(lookedAt: number | null, at: number, playing: Playing): CurrentPlay {
  const fromProgress = at - playing.progressMs
  const startedAt = lookedAt !== null && at - lookedAt <= RECENT_MS ? Math.max(fromProgress, lookedAt) : fromProgress
  return { ...playing, startedAt, listenedMs: at - startedAt }
}

function end(current: CurrentPlay, lookedAt: number, { at, playing }: Look): Ended {
  const { track, device, startedAt } = current
  let endedAt = lookedAt
  if (current.isPlaying) {
    const remaining = track.durationMs === null ? at - lookedAt : Math.max(0, track.durationMs - current.progressMs)
    const nextStarted = playing?.isPlaying && !isStuck(playing) ? at - playing.progressMs : at
    endedAt = Math.max(lookedAt, Math.min(nextStarted, at, lookedAt + remaining))
  }
  return { type: 'ended', at: endedAt, track, device, startedAt, listenedMs: current.listenedMs + endedAt - lookedAt }
}
