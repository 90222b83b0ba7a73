/** Which applications have values in Redis, and which of them is live: for switching from one to another. */
import { RedisConnection, type RedisSettings } from './redis-connection.js'
import { LIVE_KEY, orderKey, valuesKey } from './redis-keys.js'
import { goLiveScript } from './redis-scripts.js'
import { viewSpaces } from './view.js'

export interface RedisApplications {
  /** Undefined: each application answers from its own values. */
  live(): Promise<string | undefined>
  /** From now on all processes answer from the values of this one, in one step. */
  goLive(application: string): Promise<void>
  /** Removes the values of an application that is not live. @throws Error it is live. */
  drop(application: string): Promise<void>
  close(): void
}

/** Resolves when Redis answers. @throws ViewUnavailableError */
export async function openRedisApplications(settings: RedisSettings): Promise<RedisApplications> {
  const redis = new RedisConnection(settings)
  await redis.ready
  try {
    await redis.command('PING')
  } catch (error) {
    redis.close()
    throw error
  }
  const live = async () => (await redis.command<Buffer | null>('GET', LIVE_KEY))?.toString()
  return {
    live,
    goLive: async application => {
      await redis.run(goLiveScript, LIVE_KEY, application)
    },
    drop: async application => {
      if ((await live()) === application)
        throw new Error(`The values of ${application} are answered from: switch to another application first.`)
      await redis.command('UNLINK', ...viewSpaces.flatMap(space => [valuesKey(application, space), orderKey(application, space)]))
    },
    close: () => redis.close()
  }
}
