import type { Api } from '../context.js'
import type { RequestObserver } from '../options.js'

/** Tells of each answer: by the template of its route, so that nothing of what was asked for is told. Call it before routes are added. */
export function observed(app: Api, observe: RequestObserver): void {
  app.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
    // A stream is as long as its listener likes.
    if (routeOptions.url?.endsWith('/live') !== true)
      observe(method, routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
}
