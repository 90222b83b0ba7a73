/** The part of Spotify's Web API that Segue uses: https://developer.spotify.com/documentation/web-api */
import {
  checked,
  type PlayingBody as PlayingAnswer,
  PlayingBody,
  type ProfileBody as ProfileAnswer,
  ProfileBody,
  type RecentBody as RecentAnswer,
  RecentBody,
  type SavedBody as SavedAnswer,
  SavedBody
} from './bodies.js'
import { UnexpectedAnswerError } from './errors.js'
import { request } from './http.js'

export class SpotifyApi {
  private readonly base: URL

  /** `url`: with or without the version, such as https://api.spotify.com/v1. */
  constructor(
    url: string,
    private readonly signal?: AbortSignal
  ) {
    this.base = new URL(url)
    if (this.base.pathname === '/') this.base.pathname = '/v1'
  }

  /** Undefined: nothing plays, or the listener's session is private. */
  async currentlyPlaying(token: string): Promise<PlayingAnswer | undefined> {
    const path = '/me/player/currently-playing'
    // With episodes asked for, a podcast comes as what it is rather than as a track without an item.
    const body = await this.get(token, this.at(path, { additional_types: 'track,episode' }))
    return body === undefined ? undefined : checked(PlayingBody, body, path)
  }

  /** A page of what was played, newest first: the newest 50, or those of a page's `next`. */
  async recentlyPlayed(token: string, next?: string): Promise<RecentAnswer> {
    const path = '/me/player/recently-played'
    const body = await this.get(token, next === undefined ? this.at(path, { limit: '50' }) : this.follow(next))
    return checked(RecentBody, body, path)
  }

  /** The tracks that were saved last, newest first. */
  async saved(token: string): Promise<SavedAnswer> {
    return checked(SavedBody, await this.get(token, this.at('/me/tracks', { limit: '50' })), '/me/tracks')
  }

  async profile(token: string): Promise<ProfileAnswer> {
    return checked(ProfileBody, await this.get(token, this.at('/me', {})), '/me')
  }

  private at(path: string, query: Readonly<Record<string, string>>): URL {
    const url = new URL(this.base)
    url.pathname = `${this.base.pathname.replace(/\/$/, '')}${path}`
    url.search = new URLSearchParams(query).toString()
    return url
  }

  /** A link that the answer gave: the access token goes nowhere but to Spotify. @throws UnexpectedAnswerError */
  private follow(next: string): URL {
    const url = URL.canParse(next) ? new URL(next) : undefined
    if (url?.origin === this.base.origin && url.username === '' && url.pathname.startsWith(this.base.pathname)) return url
    throw new UnexpectedAnswerError(`Spotify's answer leads to another host (${url?.host ?? 'no address'}): it is not followed.`)
  }

  private async get(token: string, url: URL): Promise<unknown> {
    const { status, body } = await request(url, {
      headers: { authorization: `Bearer ${token}` },
      ...(this.signal === undefined ? {} : { signal: this.signal })
    })
    if (status === 400) throw new UnexpectedAnswerError(`Spotify did not understand GET ${url.pathname}.`)
    return body
  }
}
