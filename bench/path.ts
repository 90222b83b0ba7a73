/** How events get in and what is computed is seen: over HTTP, or at the broker and in Redis where the product shares them with others. */

import { readConfig } from '../config.js'
import { httpProducer } from '../connect/http-producer.js'
import { type EventProducer, logProducer } from '../connect/producer.js'
import { openBase } from '../tools/embedded.js'
import { openView } from '../tools/view.js'
import type { Product } from './product.js'

export interface Path extends EventProducer {
  /** What a listener plays, as text. */
  session(user: string): Promise<string>
  neighbours(track: string): Promise<string>
  close(): Promise<void>
}

export async function openPath(product: Product): Promise<Path> {
  const config = readConfig(process.env)
  if (config.mode === 'embedded') return overHttp(product)
  const { log, codec, close } = await openBase(config, { purpose: 'bench', stateless: true })
  const view = await openView(config, codec, sentence => process.stderr.write(`${sentence}\n`))
  return {
    ...logProducer(log, codec),
    session: async user => JSON.stringify((await view.get('user-sessions', user)) ?? {}),
    neighbours: async track => JSON.stringify((await view.get('track-neighbours', track)) ?? {}),
    async close() {
      await view.close()
      await close()
    }
  }
}

function overHttp({ url }: Product): Path {
  const text = async (path: string) => (await fetch(url + path)).text()
  return {
    ...httpProducer({ url }),
    session: user => text(`/recommendations?user_id=${user}`),
    neighbours: track => text(`/tracks/${track}/neighbours`),
    close: async () => {}
  }
}
