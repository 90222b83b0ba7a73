import { Type } from '@fastify/type-provider-typebox'
import type { Api } from '../context.js'
import { ProblemError } from '../problem.js'
import { problems } from '../schemas/common.js'
import type { SpotifyConsent } from '../spotify.js'

/** Ties the way back to the browser that set out: nobody can make another's browser connect their account. */
const STATE_COOKIE = 'segue_consent'
const CALLBACK_PATH = '/spotify/callback'

const CallbackQuery = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 512 })),
  code: Type.Optional(Type.String({ maxLength: 4096 })),
  error: Type.Optional(Type.String({ maxLength: 256 }))
})

export function spotifyRoutes(app: Api, consent: SpotifyConsent): void {
  app.get(
    '/spotify/connect',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'connectSpotify',
        summary: "Connect a listener's Spotify account",
        description: "Leads to Spotify's consent page, which leads back to /spotify/callback.",
        tags: ['listeners'],
        response: { 302: { description: "To Spotify's consent page." } }
      }
    },
    (_request, reply) => {
      const { url, state } = consent.begin()
      reply.header('set-cookie', cookie(state, 600)).header('cache-control', 'no-store').redirect(url)
    }
  )

  app.get(
    CALLBACK_PATH,
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'spotifyCallback',
        summary: "The way back from Spotify's consent page",
        tags: ['listeners'],
        querystring: CallbackQuery,
        response: { 302: { description: 'To the page.' }, ...problems(400, 502) }
      }
    },
    async ({ headers, query }, reply) => {
      const state = new RegExp(`(?:^|; )${STATE_COOKIE}=([A-Za-z0-9_-]+)`).exec(headers.cookie ?? '')?.[1]
      if (state === undefined || state !== query.state)
        throw new ProblemError(400, 'This browser did not set out for Spotify: begin at /spotify/connect.')
      await consent.complete(query)
      return reply.header('set-cookie', cookie('', 0)).header('cache-control', 'no-store').redirect('/')
    }
  )
}

const cookie = (value: string, seconds: number) =>
  `${STATE_COOKIE}=${value}; Path=${CALLBACK_PATH}; Max-Age=${seconds}; HttpOnly; SameSite=Lax`
