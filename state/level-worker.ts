import { type MessagePort, workerData } from 'node:worker_threads'
import { Level } from 'level'

interface Page {
  readonly gte: string
  readonly lt: string
  readonly reverse: boolean
  readonly limit: number
}
export type LevelRequest = { readonly directory: string } & (Page | { readonly close: true })
export type LevelReply = { entries: [string, Uint8Array][] } | { error: string }

/** The thread behind `readRange`: it shares the databases that the main thread has open. */
const { flag, port } = workerData as { flag: Int32Array; port: MessagePort }
const databases = new Map<string, Level<string, Uint8Array>>()

async function answer({ directory, ...request }: LevelRequest): Promise<[string, Uint8Array][]> {
  let database = databases.get(directory)
  if ('close' in request) {
    databases.delete(directory)
    await database?.close()
    return []
  }
  if (database === undefined) {
    database = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'view', multithreading: true, createIfMissing: false })
    databases.set(directory, database)
  }
  return await database.iterator({ ...request }).all()
}

port.on('message', async (request: LevelRequest) => {
  let reply: LevelReply
  try {
    reply = { entries: await answer(request) }
  } catch (error) {
    const { message, cause } = error as Error
    reply = { error: cause instanceof Error ? `${message}: ${cause.message}` : message }
  }
  port.postMessage(reply)
  Atomics.store(flag, 0, 1)
  Atomics.notify(flag, 0)
})
