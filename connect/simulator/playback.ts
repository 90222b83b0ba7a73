/** One session of one listener, track by track: what they do becomes events, each with the time it reaches the log. */
import type { InputTopic, TopicValues } from '../../schemas/catalogue.js'
import type { PlaybackEventType } from '../../schemas/events.js'
import { eventId } from '../../schemas/ids.js'
import { type NewEvent, newEvent } from '../producer.js'
import type { Track } from './catalogue.js'
import type { Listener } from './listener.js'
import { type Origin, playQueue, type Queued } from './queue.js'
import type { Random } from './random.js'
import type { World } from './world.js'

/** An event on its way: `at` is when it arrives, milliseconds since the epoch. */
export interface Arrival {
  readonly at: number
  readonly event: NewEvent
}

export interface PlaybackOptions {
  readonly startAt: number
  /** Days since 1970-01-01: what is new music then. */
  readonly day: number
  /** All that they do is over by then. */
  readonly until: number
  /** `end`: a play arrives when it is over, with `ms_played`. `start`: half a minute after it began, when that is not yet known. */
  readonly report: 'start' | 'end'
}

const streamMs = 30_000

/** Share of tracks left within 30 s by a listener of usual patience. */
const skipShare: Readonly<Record<Origin, number>> = { album: 0.13, playlist: 0.29, editorial: 0.42, news: 0.4, radio: 0.34 }

const share = {
  partial: 0.12,
  pause: 0.035,
  deviceChange: 0.008,
  seek: 0.006,
  like: 0.025,
  unlike: 0.001,
  playOnly: 0.3,
  resent: 0.008,
  echoed: 0.006
}

export class Playback {
  /** When the next track begins. */
  clock: number
  private left: number
  private device: string
  /** Until then the device is offline and what happens arrives later. */
  private readonly onlineAt: number
  private readonly queue: Generator<Queued, never>

  constructor(
    world: World,
    readonly listener: Listener,
    private readonly random: Random,
    private readonly options: PlaybackOptions
  ) {
    this.clock = options.startAt
    this.left = sessionLength(random)
    this.device = listener.devices.pick(random)
    const portable = this.device === 'Smartphone' || this.device === 'Automobile'
    this.onlineAt = portable && random.chance(0.035) ? this.clock + random.logNormal(2.5 * 3_600_000, 0.8) : 0
    this.queue = playQueue(world, listener, options.day, random)
  }

  get over(): boolean {
    return this.left <= 0
  }

  /** Plays the next track, if there is time for it, and adds what happens to `arrivals` (in no order). */
  next(arrivals: Arrival[]): void {
    this.left--
    const { track, origin } = this.queue.next().value
    if (this.clock + Math.max(track.durationMs, streamMs) > this.options.until) {
      this.left = 0
      return
    }
    const known = this.listener.isFavourite.has(track.artist) ? 0.75 : this.listener.likesGenre.has(track.artist.genre) ? 1 : 1.5
    const skipped = this.random.chance(Math.min(0.85, skipShare[origin] * known * this.listener.impatience))
    this.clock = Math.round(this.clock)
    const end = skipped ? this.skip(track, arrivals) : this.play(track, arrivals)
    this.clock = end + this.random.between(150, 2200)
  }

  private skip(track: Track, arrivals: Arrival[]): number {
    const played = Math.round(Math.min(streamMs - 500, Math.max(400, this.random.logNormal(5500, 1))))
    const end = this.clock + played
    // Older clients report every track as played, however short.
    if (this.random.chance(share.playOnly)) this.emit(arrivals, 'spotify-plays', 'play', track, this.clock, end, { ms_played: played })
    else this.emit(arrivals, 'spotify-skips', 'skip', track, end, end, { ms_played: played })
    return end
  }

  private play(track: Track, arrivals: Arrival[]): number {
    const { random } = this
    const start = this.clock
    const played = random.chance(share.partial) ? Math.round(random.between(streamMs, track.durationMs)) : track.durationMs
    const moment = () => start + Math.round(random.between(0.1, 0.9) * played)
    let end = start + played
    const pause = random.chance(share.pause) ? Math.round(Math.min(3_000_000, random.exponential(200_000))) : 0
    if (pause > 0 && end + pause < this.options.until) {
      const pausedAt = moment()
      const resumedAt = pausedAt + pause
      this.change(arrivals, 'pause', track, pausedAt)
      this.change(arrivals, 'resume', track, resumedAt)
      end += pause
    }
    if (random.chance(share.deviceChange)) {
      this.device = this.listener.devices.pick(random)
      this.change(arrivals, 'device_change', track, moment())
    }
    if (random.chance(share.seek)) this.change(arrivals, 'seek', track, moment())
    this.judge(track, moment, arrivals)
    if (this.options.report === 'end') this.emit(arrivals, 'spotify-plays', 'play', track, start, end, { ms_played: played })
    else this.emit(arrivals, 'spotify-plays', 'play', track, start, start + streamMs, { ms_played: null })
    return end
  }

  /** Likes what is liked, now and then by mistake, and rarely takes an old like back. */
  private judge(track: Track, moment: () => number, arrivals: Arrival[]): void {
    const { random } = this
    if (random.chance(share.like)) {
      const at = moment()
      this.emit(arrivals, 'spotify-likes', 'like', track, at, at, { liked: true })
      if (random.chance(0.06)) this.emit(arrivals, 'spotify-likes', 'unlike', track, at + 2500, at + 2500, { liked: false })
    } else if (random.chance(share.unlike)) {
      const at = moment()
      this.emit(arrivals, 'spotify-likes', 'unlike', track, at, at, { liked: false })
    }
  }

  private change(arrivals: Arrival[], type: PlaybackEventType, track: Track, at: number): void {
    this.emit(arrivals, 'spotify-events', type, track, at, at, { event_type: type })
  }

  /** Adds an event that happened `at` and was sent `sentAt`; sometimes twice, sometimes also as the player's own event. */
  private emit<T extends InputTopic>(
    arrivals: Arrival[],
    topic: T,
    type: string,
    track: Track,
    at: number,
    sentAt: number,
    rest: Partial<TopicValues[T]>
  ): void {
    const { random } = this
    const event = { ...this.describe(type, track, at), ...rest } as TopicValues[T]
    const arrival: Arrival = { at: Math.max(sentAt, this.onlineAt) + Math.round(random.between(120, 2600)), event: newEvent(topic, event) }
    arrivals.push(arrival)
    const fate = random.next()
    if (fate < share.resent) arrivals.push({ ...arrival, at: arrival.at + Math.round(random.exponential(20_000)) })
    else if (fate < share.resent + share.echoed && (topic === 'spotify-plays' || topic === 'spotify-skips')) {
      const echo = { ...event, event_type: type } as unknown as TopicValues['spotify-events']
      arrivals.push({ at: arrival.at + Math.round(random.between(-100, 4000)), event: newEvent('spotify-events', echo) })
    }
  }

  private describe(type: string, track: Track, at: number) {
    return {
      event_id: eventId(this.listener.id, track.id, at, type),
      user_id: this.listener.id,
      track_id: track.id,
      track_name: track.name,
      artist_id: track.artist.id,
      artist_name: track.artist.name,
      album_name: track.album.name,
      occurred_at: at,
      duration_ms: track.durationMs,
      ms_played: null,
      device_type: this.device,
      country: this.listener.place.country,
      source: 'simulator'
    }
  }
}

/** Tracks begun in a sitting: mostly some ten, at times one, now and then all afternoon. */
const sessionLength = (random: Random): number => Math.max(1, Math.round(Math.min(150, random.logNormal(9, 0.85))))
