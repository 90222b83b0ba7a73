import { existsSync } from 'node:fs'
import { join } from 'node:path'
import serveStatic from '@fastify/static'
import { projectRoot } from '../../schemas/root.js'
import type { Api } from '../context.js'
import { pageHeaders } from './security.js'

/** Files of packages that the page uses, at /lib/. */
const LIBRARIES = ['uPlot.iife.min.js', 'uPlot.min.css']

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
    await scope.register(serveStatic, {
      root: join(projectRoot, 'node_modules/uplot/dist'),
      prefix: '/lib/',
      decorateReply: false,
      cacheControl: false,
      allowedPath: path => LIBRARIES.includes(path.slice(1)),
      setHeaders: reply => {
        reply.setHeader('cache-control', 'no-cache')
      }
    })
  })
}
