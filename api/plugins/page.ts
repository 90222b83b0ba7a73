import { existsSync } from 'node:fs'
import { join } from 'node:path'
import serveStatic from '@fastify/static'
import type { Api } from '../context.js'
import { pageHeaders } from './security.js'

/** The files of `directory` at /; where it has no page, / leads to /docs. */
export async function page(app: Api, directory: string): Promise<void> {
  if (!existsSync(join(directory, 'index.html'))) {
    app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'))
    return
  }
  await app.register(async (scope: Api) => {
    await pageHeaders(scope)
    await scope.register(serveStatic, {
      root: directory,
      cacheControl: false,
      dotfiles: 'ignore',
      setHeaders: reply => {
        reply.setHeader('cache-control', 'no-cache')
      }
    })
  })
}
