import { join } from 'node:path'
import type { Config } from '../config.js'
import type { Codec } from '../schemas/codec.js'
import { openStore } from '../state/open.js'
import { openLocalView } from '../state/view/local-view.js'
import type { View } from '../state/view/view.js'

/** What the API answers from: this process's own, or on Kafka the one that all instances share. */
export async function openView(config: Config, codec: Codec, onNotice: (sentence: string) => void): Promise<View> {
  if (config.mode === 'kafka') {
    const { openRedisView } = await import('../state/view/redis-view.js')
    return openRedisView({ url: config.redisUrl, application: config.applicationId, codec, onNotice })
  }
  return openLocalView(join(config.dataDir, 'view'), {
    openStore: openStore('lmdb'),
    decode: (space, bytes) => codec.decodeBare(space, bytes),
    onNotice
  })
}
