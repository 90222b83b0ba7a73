import { readFirstChart } from '../answers/charts.js'
import { Names } from '../answers/names.js'
import { type Playing, playingAt } from '../answers/playing.js'
import { isoTime } from '../answers/text.js'
import type { ApiContext } from '../context.js'

const PLAYS = 20
const CHART = 10
const WINDOWS = ['hour', 'day', 'week', 'all'] as const

/** What happened since it was asked last: the listeners who played something, at most the last `PLAYS` of them. */
export class Plays {
  #users = new Set<string>()

  played(users: readonly string[]): void {
    for (const user of users.length > PLAYS ? users.slice(-PLAYS) : users) {
      this.#users.delete(user)
      this.#users.add(user)
    }
    for (const eldest of this.#users) {
      if (this.#users.size <= PLAYS) break
      this.#users.delete(eldest)
    }
  }

  /** Oldest first. */
  async take({ view, now }: ApiContext) {
    const users = [...this.#users]
    this.#users.clear()
    const [sessions, players] = await Promise.all([view.getMany('user-sessions', users), view.getMany('now-playing', users)])
    const names = new Names(view)
    await names.load(sessions.flatMap(session => session?.tracks.slice(0, 1).map(track => track.track_id) ?? []))
    return users.flatMap((user_id, i) => {
      const session = sessions[i]
      const current = playingAt(players[i], session, now())
      if (current) return [playOf(user_id, current)]
      const [last] = session?.tracks ?? []
      if (session === undefined || last === undefined) return []
      const played_at = isoTime(last.last_played_at)
      return [{ user_id, country: session.country, ...names.track(last.track_id, last.artist_id), played_at }]
    })
  }
}

const playOf = (user_id: string, { track_id, track_name, artist_id, artist_name, country, since }: Playing) => ({
  ...{ user_id, country, track_id, track_name, artist_id, artist_name },
  played_at: isoTime(since)
})

/** The charts of the shortest window that has entries. */
export async function topOfNow({ view, options: { partitions } }: ApiContext) {
  const [tracks, artists] = await Promise.all([
    readFirstChart(view, partitions, 'tracks', WINDOWS, null),
    readFirstChart(view, partitions, 'artists', WINDOWS, null)
  ])
  const topTracks = tracks.entries.slice(0, CHART)
  const topArtists = artists.entries.slice(0, CHART)
  const names = new Names(view)
  await names.load(topTracks.map(entry => entry.id))
  await names.loadArtists(topArtists.map(entry => entry.id))
  return {
    tracks: { window: tracks.window, entries: topTracks.map(({ id, plays }) => ({ plays, ...names.track(id) })) },
    artists: {
      window: artists.window,
      entries: topArtists.map(({ id, plays }) => ({ plays, artist_id: id, artist_name: names.artistName(id) }))
    }
  }
}

/** The running topology with its rates and lags, and what goes on beside it. */
export async function pulse({ operations }: ApiContext) {
  const [graph, lag, tasks] = await Promise.all([operations.topology(), operations.lag(), operations.taskStates()])
  return { ...graph, lag, tasks, activity: operations.activity() }
}
