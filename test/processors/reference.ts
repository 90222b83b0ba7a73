import type { ListeningEventType } from '../../schemas/events.js'
import type { Input } from './events.js'
import { add, emptySums, type Sums } from './sums.js'

/** The listeners' numbers straight from semantics.md: slow, with nothing kept between events but what the text says. */
const GAP = 60 * 60_000
const WEEK = 7 * 24 * 60 * 60_000
const YEAR = 365 * 24 * 60 * 60_000
const RANKS = ['spotify-plays', 'spotify-skips', 'spotify-likes', 'spotify-events']

export interface Read {
  readonly input: Input
  readonly offset: number
  /** Stream time after it was read. */
  readonly now: number
}

export interface Counted extends Read {
  readonly type: ListeningEventType
}

interface ReferencePlay {
  readonly time: number
  readonly track: string
}
interface ReferenceSession {
  readonly user: string
  readonly plays: ReferencePlay[]
  touched: number
}

export const typeOf = ({ topic, event }: Input): ListeningEventType => {
  if (topic === 'spotify-skips') return 'skip'
  if (topic === 'spotify-likes') return event.liked ? 'like' : 'unlike'
  const named = topic === 'spotify-plays' ? 'play' : event.event_type
  if (named === 'play') return event.ms_played !== null && event.ms_played < 30_000 ? 'skip' : 'play'
  return named === 'pause' || named === 'skip' || named === 'like' ? named : 'other'
}

const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
const inOrder = (a: ReferencePlay, b: ReferencePlay): number => a.time - b.time || bytes(a.track, b.track)
const keyOf = ({ input }: Read, type: string): string =>
  JSON.stringify([input.event.user_id, input.event.track_id, input.event.occurred_at, type])

export class Reference {
  /** Events that count, by key and time of their first reading. */
  readonly counted: Counted[] = []
  readonly sessions: ReferenceSession[] = []
  duplicates = 0
  #remembered = new Map<string, { index: number; readAt: number }>()

  read(read: Read): void {
    const type = typeOf(read.input)
    const key = keyOf(read, type)
    const known = this.#remembered.get(key)
    if (known !== undefined && read.now - known.readAt <= WEEK) {
      this.duplicates++
      const before = this.counted[known.index]!
      const order = RANKS.indexOf(read.input.topic) - RANKS.indexOf(before.input.topic) || read.offset - before.offset
      if (order >= 0) return
      this.counted[known.index] = { ...read, type }
      known.readAt = read.now
      return
    }
    this.#remembered.set(key, { index: this.counted.length, readAt: read.now })
    this.counted.push({ ...read, type })
    if (type === 'play')
      this.#play(read.input.event.user_id, { time: read.input.event.occurred_at, track: read.input.event.track_id }, read.now)
  }

  #play(user: string, play: ReferencePlay, now: number): void {
    const open = this.sessions.filter(session => session.user === user && now - session.touched <= WEEK)
    if (open.some(session => session.plays.some(other => inOrder(other, play) === 0))) return
    const beside = open.filter(session => session.plays.some(other => Math.abs(other.time - play.time) <= GAP))
    for (const session of beside) this.sessions.splice(this.sessions.indexOf(session), 1)
    this.sessions.push({ user, plays: [...beside.flatMap(session => session.plays), play].sort(inOrder), touched: now })
  }

  sums(): Sums {
    return sumsOfSessions(this.sessions.map(session => session.plays))
  }
}

const q = (x: number): number => Math.round(x * 2 ** 20) / 2 ** 20

export function sumsOfSessions(sessions: readonly ReferencePlay[][]): Sums {
  const sums = emptySums()
  for (const all of sessions) {
    const plays = all.slice(0, 500)
    const members = [...new Set(plays.map(play => play.track))]
    for (const a of members) {
      add(sums.sessions, a, 1)
      for (const b of members) if (a !== b) add(sums.together, `${a} ${b}`, 1)
    }
    plays.forEach(({ time, track }, i) => {
      const g = 2 ** ((time - Date.UTC(2020, 0, 1)) / YEAR)
      add(sums.n, track, q(g))
      const others = [
        ...new Set(
          plays
            .slice(0, i)
            .reverse()
            .map(play => play.track)
        )
      ].filter(other => other !== track)
      others.slice(0, 20).forEach((other, j) => {
        add(sums.weight, `${other} ${track}`, q(g / (j + 1)))
        add(sums.weight, `${track} ${other}`, q((0.3 * g) / (j + 1)))
      })
    })
  }
  return sums
}

/** Without any expiry: sessions from the accepted plays in order of time, whenever they came. */
export function sessionsFromScratch(counted: readonly Counted[]): Map<string, Counted[][]> {
  const sessions = new Map<string, Counted[][]>()
  const place = ({ input }: Counted): ReferencePlay => ({ time: input.event.occurred_at, track: input.event.track_id })
  for (const play of counted.filter(event => event.type === 'play').sort((a, b) => inOrder(place(a), place(b)))) {
    const { user_id, occurred_at } = play.input.event
    const own = sessions.get(user_id) ?? []
    sessions.set(user_id, own)
    const last = own.at(-1)
    if (last !== undefined && occurred_at - last.at(-1)!.input.event.occurred_at <= GAP) last.push(play)
    else own.push([play])
  }
  return sessions
}
