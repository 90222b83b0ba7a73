import { existsSync } from 'node:fs'
import { join } from 'node:path'
import serveStatic from '@fastify/static'
import type { Api } from '../context.js'

/** The files of `directory` at /; where it has no page, / leads to /docs. */
export async function page(app: Api, directory: string): Promise<void> {
  if (!existsSync(join(directory, 'index.html'))) {
    app.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'))
    return
  }
  await app.register(serveStatic, {
    root: directory,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: reply => {
      reply.headers({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    }
  })
}
