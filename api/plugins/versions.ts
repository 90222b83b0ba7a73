import type { Api } from '../context.js'

export const VERSION = '/v1'

/**
 * Paths without a version, as they were before there was one, stand for those of the first version. Returns what rewrites
 * them: to be given to Fastify, and told of the routes.
 */
export function aliases(): { rewrite(url: string): string; watch(scope: Api): void } {
  const first = new Set<string>()
  return {
    rewrite(url) {
      const segment = /^\/([^/?#]+)/.exec(url)?.[1]
      return segment !== undefined && first.has(segment) ? `${VERSION}${url}` : url
    },
    watch(scope) {
      scope.addHook('onRoute', ({ path }) => {
        const segment = path.slice(VERSION.length + 1).split('/', 1)[0]!
        if (segment !== '') first.add(segment)
      })
    }
  }
}
