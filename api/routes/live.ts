import type { ServerResponse } from 'node:http'
import type { Api, ApiContext } from '../context.js'
import type { LiveFeed } from '../live/feed.js'
import { Plays, pulse, topOfNow } from '../live/news.js'
import { ProblemError } from '../problem.js'
import { eventStream, problems } from '../schemas/common.js'

const CHARTS_EVERY = 5
const HEARTBEAT_EVERY = 15
/** What one event changes is in the view by then. */
const SOON_MS = 25
/** Between two tellings of plays, at the least. */
const REST_MS = 100

/** GET /live. Nothing is read or written while nobody listens. */
export function liveRoute(app: Api, context: ApiContext, feed: LiveFeed): void {
  const { view, options } = context
  const plays = new Plays()
  let soon: NodeJS.Timeout | undefined
  let toldAt = 0
  const stop = view.onChange((space, keys) => {
    if ((space !== 'user-sessions' && space !== 'now-playing') || keys === undefined || feed.clients === 0) return
    plays.played(keys)
    const wait = Math.max(SOON_MS, toldAt + REST_MS - performance.now())
    soon ??= setTimeout(() => {
      soon = undefined
      toldAt = performance.now()
      tellPlays().catch(onError)
    }, wait).unref()
  })
  let timer: NodeJS.Timeout | undefined
  let ticks = 0
  let telling = false

  const onError = (error: unknown) => app.log.error({ err: error }, 'The live feed could not be read; trying again')
  const tellPlays = async (): Promise<void> => {
    const news = await plays.take(context)
    if (news.length > 0) feed.send('plays', news)
  }
  const tell = async (): Promise<void> => {
    ticks++
    if (ticks % HEARTBEAT_EVERY === 0) feed.heartbeat()
    feed.send('topology', await pulse(context))
    if (ticks % CHARTS_EVERY === 0) feed.send('charts', await topOfNow(context))
  }
  const tick = (): void => {
    if (feed.clients === 0) {
      clearInterval(timer)
      timer = undefined
    } else if (!telling) {
      telling = true
      tell()
        .catch(onError)
        .finally(() => {
          telling = false
        })
    }
  }
  const welcome = async (client: ServerResponse): Promise<void> => {
    feed.send('topology', await pulse(context), [client])
    feed.send('charts', await topOfNow(context), [client])
  }

  app.addHook('preClose', () => {
    clearInterval(timer)
    clearTimeout(soon)
    stop()
    feed.close()
  })
  app.get(
    '/live',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'watch',
        summary: 'What happens, as server-sent events',
        description:
          'Events: plays (who played what, and in which country), topology (nodes, edges, rates, lag, tasks), charts (tracks, artists). Reconnect when the connection ends.',
        tags: ['events'],
        response: {
          200: eventStream('plays, topology or charts'),
          ...problems(503)
        }
      }
    },
    (request, reply) => {
      if (feed.full) throw new ProblemError(503, `All ${options.liveClients} places of the live feed are taken: try again later.`)
      reply.hijack()
      request.raw.socket.setNoDelay(true)
      feed.add(reply.raw)
      welcome(reply.raw).catch(error => app.log.error({ err: error }, 'A live client could not be told the state'))
      timer ??= setInterval(tick, options.liveIntervalMs).unref()
    }
  )
}
