/** People who listen now. Whoever is needed to keep the pace comes in; when too much happens, some stop after their track. */
import type { NewEvent } from '../producer.js'
import { Heap } from './heap.js'
import type { Listener } from './listener.js'
import { type Arrival, Playback } from './playback.js'
import { Random } from './random.js'
import { dayMs, type World } from './world.js'

interface Candidate {
  readonly listener: Listener
  /** From when on they may begin a session. */
  readonly from: number
}

const warmUpMs = 180_000
/** More than a session's gap: what they play next is a new session. */
const restMs = 65 * 60_000
const lagMs = 10_000
const longestInvitation = 12

export class Crowd {
  private readonly playing = new Heap<Playback>(playback => playback.clock)
  private readonly underWay = new Heap<Arrival>(arrival => arrival.at)
  private readonly candidates = new Heap<Candidate>(candidate => candidate.from)
  private readonly random: Random
  private nextListener: number

  constructor(
    private readonly world: World,
    private readonly openedAt: number
  ) {
    this.random = new Random(world.options.seed, 'crowd', openedAt)
    this.nextListener = world.options.listeners
    const order = this.random.shuffle(Array.from({ length: world.options.listeners }, (_, index) => index))
    for (const [place, index] of order.entries())
      this.candidates.push({ listener: world.listener(index), from: openedAt - order.length + place })
  }

  /** How many listen at the moment. */
  get size(): number {
    return this.playing.size
  }

  /** Up to `count` events that have arrived by `now`; fewer only if nobody can be found who does something. */
  take(now: number, count: number): NewEvent[] {
    this.playOn(now)
    const events: NewEvent[] = []
    for (let invitations = 0; ; invitations++) {
      while (events.length < count && (this.underWay.peek()?.at ?? Number.POSITIVE_INFINITY) <= now) events.push(this.underWay.pop()!.event)
      if (events.length >= count || invitations > longestInvitation + count) return events
      this.invite(now)
    }
  }

  private playOn(now: number): void {
    const arrivals: Arrival[] = []
    while ((this.playing.peek()?.clock ?? Number.POSITIVE_INFINITY) <= now) {
      const playback = this.playing.pop()!
      const late = now - (this.underWay.peek()?.at ?? now) > lagMs
      if (playback.over || late) {
        this.candidates.push({ listener: playback.listener, from: now + restMs })
        continue
      }
      playback.next(arrivals)
      this.playing.push(playback)
    }
    for (const arrival of arrivals) this.underWay.push(arrival)
  }

  /**
   * Somebody begins: at first they are found in the middle of a session, of which the latest tracks arrive at once; later
   * half a minute into their first track.
   */
  private invite(now: number): void {
    const { random, world } = this
    const past = now - this.openedAt < warmUpMs ? random.between(60_000, 15 * 60_000) : random.between(33_000, 60_000)
    const startAt = Math.round(now - past)
    const listener = this.choose(now)
    const options = { startAt, day: Math.floor(now / dayMs), until: Number.POSITIVE_INFINITY, report: 'start' } as const
    const playback = new Playback(world, listener, new Random(world.options.seed, 'live', listener.index, startAt), options)
    const arrivals: Arrival[] = []
    while (!playback.over && playback.clock <= now) playback.next(arrivals)
    for (const arrival of arrivals) this.underWay.push({ ...arrival, at: Math.max(arrival.at, now) })
    this.playing.push(playback)
  }

  /** Somebody whose time of day it is, where that is not too much to ask. */
  private choose(now: number): Listener {
    for (let tries = 0; tries < 7; tries++) {
      const first = this.candidates.peek()
      const listener = first && first.from <= now ? this.candidates.pop()!.listener : this.world.listener(this.nextListener++)
      if (this.random.chance(listener.likelihoodAt(now))) return listener
      this.candidates.push({ listener, from: now + 600_000 })
    }
    return this.world.listener(this.nextListener++)
  }
}
