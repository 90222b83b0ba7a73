import { Type } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'
import { SESSION_COOKIE } from '../auth/authenticator.js'
import { SESSION_DAYS, type Sessions } from '../auth/sessions.js'
import type { Api } from '../context.js'
import { ProblemError } from '../problem.js'
import { problems } from '../schemas/common.js'
import type { SpotifyConsent } from '../spotify.js'

/** Ties the way back to the browser that set out: nobody can make another's browser connect their account. */
const STATE_COOKIE = 'segue_consent'
const STATE_SECONDS = 600

const CallbackQuery = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 512 })),
  code: Type.Optional(Type.String({ maxLength: 4096 })),
  error: Type.Optional(Type.String({ maxLength: 256 }))
})

export interface SpotifyRoutes {
  readonly consent: SpotifyConsent
  /** Whoever connects their account is signed in; without sessions nobody signs in. */
  readonly sessions: Sessions | undefined
  /** The browser reaches this over TLS. */
  readonly secure: boolean
}

export function spotifyRoutes(app: Api, { consent, sessions, secure }: SpotifyRoutes): void {
  const cookie = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const

  const setOut = (reply: FastifyReply) => {
    const { url, state } = consent.begin()
    reply
      .header('cache-control', 'no-store')
      .setCookie(STATE_COOKIE, state, { ...cookie, maxAge: STATE_SECONDS })
      .redirect(url)
  }
  const toSpotify = { 302: Type.Null({ description: "To Spotify's consent page, which leads back to /spotify/callback." }) }

  app.get(
    '/spotify/connect',
    {
      exposeHeadRoute: false,
      config: { access: 'public' },
      schema: { operationId: 'connectSpotify', summary: 'Connect a Spotify account', tags: ['listeners'], response: toSpotify }
    },
    (_request, reply) => setOut(reply)
  )

  app.get(
    '/spotify/callback',
    {
      exposeHeadRoute: false,
      config: { access: 'public' },
      schema: {
        operationId: 'spotifyCallback',
        summary: "The way back from Spotify's consent page",
        tags: ['listeners'],
        querystring: CallbackQuery,
        response: { 302: Type.Null({ description: 'To the page.' }), ...problems(400, 502) }
      }
    },
    async ({ cookies, query }, reply) => {
      const state = cookies[STATE_COOKIE]
      if (state === undefined || state !== query.state)
        throw new ProblemError(400, 'This browser did not set out for Spotify: begin at /spotify/connect.')
      const { userId } = await consent.complete(query)
      reply.header('cache-control', 'no-store').clearCookie(STATE_COOKIE, cookie)
      if (sessions) reply.setCookie(SESSION_COOKIE, sessions.begin(userId), { ...cookie, maxAge: SESSION_DAYS * 86_400 })
      return reply.redirect('/')
    }
  )

  if (sessions) {
    app.get(
      '/sign-in',
      {
        exposeHeadRoute: false,
        config: { access: 'public' },
        schema: { operationId: 'signIn', summary: 'Sign in with Spotify', tags: ['listeners'], response: toSpotify }
      },
      (_request, reply) => setOut(reply)
    )
  }
}
