import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { SESSION_COOKIE } from '../auth/authenticator.js'
import type { Api } from '../context.js'
import { DATA_HEADERS, pageHeaders } from './security.js'

const STYLE_ELEMENT = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='"

const tags = [
  { name: 'recommendations', description: 'What to play next, and because of what.' },
  { name: 'music', description: 'Tracks, artists and charts.' },
  { name: 'listeners', description: 'What is known of a listener.' },
  { name: 'operations', description: 'How the application is doing.' },
  { name: 'events', description: 'Sending events in, watching them.' }
]

/** GET /openapi.json and the pages at /docs. Register before the routes. */
export async function openApi(app: Api): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Segue',
        version: '1.0.0',
        description:
          'Music recommendations computed from listening events as they happen. Times are ISO 8601 in UTC; errors are RFC 9457. A method that a path does not take is answered with 405 and Allow.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string }
      },
      tags,
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or a token of the issuer.' },
          session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'After GET /v1/sign-in.' }
        }
      }
    },
    convertConstToEnum: false
  })
  await app.register(async (scope: Api) => {
    // Its style sheet has pictures written into it, and its script adds one style element.
    await pageHeaders(scope, { images: ['data:'], styles: [STYLE_ELEMENT] })
    await scope.register(swaggerUi, { routePrefix: '/docs' })
  })
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    reply.headers({ ...DATA_HEADERS, 'content-type': 'application/json; charset=utf-8' }).send(JSON.stringify(app.swagger()))
  })
}
