import { deviceObject, episodeObject, errorObject, type FakeDevice, type FakeTrack, trackObject } from './bodies.js'

type Item = { readonly kind: 'track'; readonly track: FakeTrack } | { readonly kind: 'episode' | 'ad' | 'unknown' }

type Answer = readonly [status: number, body?: unknown]

/** One listener at the fake Spotify: what their player does, and what Spotify remembers of it. */
export class FakeListener {
  device: FakeDevice | null = { type: 'Smartphone' }
  /** Which moment `played_at` is: documented is neither, seen are both. */
  playedAtIs: 'start' | 'end' = 'start'
  country: string | null = null
  readonly recent: { playedAt: number; track: FakeTrack }[] = []
  readonly saved: { addedAt: number; track: FakeTrack }[] = []
  private item: Item | null = null
  private startedAt = 0
  /** Position at `since`; moves on while playing. */
  private position = 0
  private since = 0
  private isPlaying = false

  constructor(
    readonly userId: string,
    private readonly now: () => number
  ) {}

  /** Begins a track; what played before is over. */
  play(track: FakeTrack): void {
    this.begin({ kind: 'track', track })
  }

  hear(kind: 'episode' | 'ad' | 'unknown'): void {
    this.begin({ kind })
  }

  pause(): void {
    this.position = this.progress
    this.since = this.now()
    this.isPlaying = false
  }

  resume(): void {
    this.since = this.now()
    this.isPlaying = true
  }

  seek(position: number): void {
    this.position = position
    this.since = this.now()
  }

  /** The player is closed. */
  stop(): void {
    this.remember()
    this.item = null
    this.isPlaying = false
  }

  save(track: FakeTrack): void {
    this.saved.unshift({ addedAt: this.now(), track })
  }

  unsave(track: FakeTrack): void {
    const at = this.saved.findIndex(saved => saved.track.id === track.id)
    if (at >= 0) this.saved.splice(at, 1)
  }

  answer(url: URL): Answer {
    switch (url.pathname) {
      case '/v1/me':
        return [200, this.profile()]
      case '/v1/me/player/currently-playing':
        return this.currentlyPlaying()
      case '/v1/me/player/recently-played':
        return [200, this.recentlyPlayed(url)]
      case '/v1/me/tracks':
        return [200, this.savedTracks(url)]
      default:
        return [404, errorObject(404, 'Service not found')]
    }
  }

  private get progress(): number {
    return this.position + (this.isPlaying ? this.now() - this.since : 0)
  }

  private begin(item: Item): void {
    this.remember()
    this.item = item
    this.startedAt = this.since = this.now()
    this.position = 0
    this.isPlaying = true
  }

  /** Spotify lists what was played for more than 30 seconds, once it is over. */
  private remember(): void {
    if (this.item?.kind !== 'track' || this.progress < 30_000) return
    this.recent.push({ playedAt: this.playedAtIs === 'start' ? this.startedAt : this.now(), track: this.item.track })
  }

  private profile() {
    const { userId, country } = this
    const profile = { display_name: `Listener ${userId}`, external_urls: {}, href: null, id: userId, images: [], type: 'user' }
    return { ...profile, uri: `spotify:user:${userId}`, ...(country !== null && { country }) }
  }

  private currentlyPlaying(): Answer {
    const { item } = this
    if (item === null || this.device?.isPrivate === true) return [204]
    const object = item.kind === 'track' ? trackObject(item.track) : item.kind === 'episode' ? episodeObject() : null
    const body = {
      timestamp: this.since,
      context: null,
      progress_ms: item.kind === 'ad' ? null : Math.round(this.progress),
      item: object,
      currently_playing_type: item.kind,
      actions: { disallows: { resuming: true } },
      is_playing: this.isPlaying
    }
    return [200, this.device === null ? { ...body, device: null } : { device: deviceObject(this.device), ...body }]
  }

  /** The newest 50; with `before`, those of them that are older. */
  private recentlyPlayed(url: URL) {
    const limit = Number(url.searchParams.get('limit') ?? 20)
    const before = Number(url.searchParams.get('before') ?? Number.POSITIVE_INFINITY)
    const after = Number(url.searchParams.get('after') ?? 0)
    const listed = [...this.recent].sort((a, b) => b.playedAt - a.playedAt).slice(0, 50)
    const page = listed.filter(({ playedAt }) => playedAt < before && playedAt > after).slice(0, limit)
    const oldest = page.at(-1)?.playedAt
    const next = oldest === undefined ? null : `${url.origin}${url.pathname}?before=${oldest}&limit=${limit}`
    return {
      items: page.map(({ playedAt, track }) => ({ track: trackObject(track), played_at: new Date(playedAt).toISOString(), context: null })),
      next,
      cursors: oldest === undefined ? null : { after: String(page[0]!.playedAt), before: String(oldest) },
      limit,
      href: url.href
    }
  }

  private savedTracks(url: URL) {
    const limit = Number(url.searchParams.get('limit') ?? 20)
    const items = this.saved
      .slice(0, limit)
      .map(({ addedAt, track }) => ({ added_at: new Date(addedAt).toISOString(), track: trackObject(track) }))
    return { href: url.href, items, limit, next: null, offset: 0, previous: null, total: this.saved.length }
  }
}
