import { artistsOf, type Heard, heardOf, inBoth, tracksOf } from '../answers/compare.js'
import { Names } from '../answers/names.js'
import { candidatesOf, similarOf } from '../answers/similar.js'
import { similarityOf, tasteOf } from '../answers/similarity.js'
import { isoTime } from '../answers/text.js'
import type { Api, ApiContext } from '../context.js'
import { seesIds } from '../others.js'
import { notFound, ProblemError } from '../problem.js'
import { DEFAULT_LIMIT, problems, UserParams } from '../schemas/common.js'
import { CompareParams, ComparisonSchema, SimilarSchema } from '../schemas/comparison.js'
import { LimitQuery } from '../schemas/music.js'

/** With so many who share, all of them are compared. */
const MOST_COMPARED = 300
const SHOWN_ARTISTS = 3

/** Listeners beside each other. At /me/similar and /me/compare/ID for oneself. */
export function comparisonRoutes(app: Api, context: ApiContext): void {
  similarRoute(app, context)
  compareRoute(app, context)
}

function similarRoute(app: Api, { view, others }: ApiContext): void {
  app.get(
    '/users/:user_id/similar',
    {
      schema: {
        operationId: 'getSimilarListeners',
        summary: 'Listeners who love the same artists',
        description:
          'The most alike of those who share their taste; for admins, of all. Where they are many, those are compared who love the strongest artists about as much.',
        tags: ['listeners'],
        params: UserParams,
        querystring: LimitQuery,
        response: { 200: SimilarSchema, ...problems(400, 404) }
      }
    },
    async ({ params: { user_id }, query: { limit = DEFAULT_LIMIT }, principal }) => {
      const affinity = await view.get('artist-affinity', user_id)
      if (!affinity) throw notFound('listener', user_id)
      const taste = tasteOf(affinity)
      const sharing = seesIds(principal) ? undefined : await others.allSharing(MOST_COMPARED)
      let users = sharing?.filter(user => user !== user_id) ?? (await candidatesOf(view, taste, user_id))
      if (!seesIds(principal) && sharing === undefined) {
        const shared = await others.sharing(users)
        users = users.filter(user => shared.has(user))
      }
      const first = (await similarOf(view, taste, users)).slice(0, limit)
      const shown = await others.shown(
        first.map(({ user_id }) => user_id),
        principal
      )
      const names = new Names(view)
      await names.loadArtists(first.flatMap(({ shared }) => shared.slice(0, SHOWN_ARTISTS).map(({ artist_id }) => artist_id)))
      const listeners = first.map(({ user_id, similarity, shared }) => ({
        ...shown.get(user_id)!,
        similarity,
        shared_artists: shared.slice(0, SHOWN_ARTISTS).map(artist => ({ ...artist, artist_name: names.artistName(artist.artist_id) }))
      }))
      return { user_id, considered: users.length, listeners }
    }
  )
}

function compareRoute(app: Api, { view, others }: ApiContext): void {
  app.get(
    '/users/:user_id/compare/:other',
    {
      schema: {
        operationId: 'compareListeners',
        summary: 'Two listeners beside each other',
        description: 'What both love and play, and who heard it first. The other one must share their taste; for admins, anyone will do.',
        tags: ['listeners'],
        params: CompareParams,
        querystring: LimitQuery,
        response: { 200: ComparisonSchema, ...problems(400, 404) }
      }
    },
    async ({ params: { user_id, other }, query: { limit = DEFAULT_LIMIT }, principal }) => {
      const otherId = await others.find(other, principal)
      const both = [user_id, ...(otherId === undefined ? [] : [otherId])]
      const [own, theirs] = await view.getMany('artist-affinity', both)
      if (!own) throw notFound('listener', user_id)
      if (otherId === undefined || !theirs)
        throw new ProblemError(404, `There is no listener "${other}" to compare with: none shares their taste under that id.`)
      const [profile, otherProfile] = await view.getMany('listener-profiles', both)
      const { similarity, shared } = similarityOf(tasteOf(own), tasteOf(theirs))
      const tracks = inBoth(tracksOf(profile), tracksOf(otherProfile))
      const [firstArtists, firstTracks] = [shared.slice(0, limit), tracks.slice(0, limit)]
      const names = new Names(view)
      await names.load(firstTracks)
      await names.loadArtists(firstArtists.map(({ artist_id }) => artist_id))
      const shown = await others.shown(both, principal)
      const [artists, otherArtists] = [artistsOf(profile), artistsOf(otherProfile)]
      return {
        listener: shown.get(user_id)!,
        other: shown.get(otherId)!,
        similarity,
        total_shared_artists: shared.length,
        shared_artists: firstArtists.map(({ artist_id, share }) => ({
          artist_id,
          artist_name: names.artistName(artist_id),
          share,
          ...withTimes(heardOf(artist_id, artists, otherArtists))
        })),
        total_shared_tracks: tracks.length,
        shared_tracks: firstTracks.map(id => ({
          ...names.track(id),
          ...withTimes(heardOf(id, tracksOf(profile), tracksOf(otherProfile)))
        }))
      }
    }
  )
}

const withTimes = (heard: Heard) => ({
  ...heard,
  first_played_at: heard.first_played_at === null ? null : isoTime(heard.first_played_at),
  other_first_played_at: heard.other_first_played_at === null ? null : isoTime(heard.other_first_played_at)
})
