import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { LevelReply, LevelRequest } from './level-worker.js'

const FIRST_PAGE = 16
const PAGE = 512
const TIMEOUT_MS = 30_000

/** Reads ranges of LevelDB databases synchronously: a worker thread that shares them reads a page, the caller waits for it. */
class LevelReader {
  readonly #flag = new Int32Array(new SharedArrayBuffer(4))
  readonly #port: MessagePort

  constructor() {
    const { port1, port2 } = new MessageChannel()
    const workerData = { flag: this.#flag, port: port2 }
    // Nothing that the process was started with (loaders, inspectors) is of use to the thread.
    const options = { workerData, transferList: [port2], execArgv: [], env: {} }
    new Worker(new URL('./level-worker.js', import.meta.url), options).unref()
    this.#port = port1
    port1.unref()
  }

  ask(request: LevelRequest): [string, Uint8Array][] {
    Atomics.store(this.#flag, 0, 0)
    this.#port.postMessage(request)
    const answered = Atomics.wait(this.#flag, 0, 0, TIMEOUT_MS) !== 'timed-out'
    const reply = answered ? (receiveMessageOnPort(this.#port)?.message as LevelReply | undefined) : undefined
    if (reply === undefined) {
      reader = undefined
      throw new Error(`The thread that reads ${request.directory} has not answered within ${TIMEOUT_MS / 1000} s.`)
    }
    if ('error' in reply) throw new Error(reply.error)
    return reply.entries
  }
}

/** One thread for all databases of the process, from the first range on. */
let reader: LevelReader | undefined
const directories = new Set<string>()

/** The entries from `gte` (inclusive) to `lt` (exclusive), read in pages. The database must be open with `multithreading`. */
export function* readRange(directory: string, gte: string, lt: string, reverse: boolean, limit: number): Iterable<[string, Buffer]> {
  directories.add(directory)
  let bounds = { gte, lt }
  let remaining = limit
  let size = Math.min(FIRST_PAGE, remaining)
  while (size > 0) {
    reader ??= new LevelReader()
    const page = reader.ask({ directory, ...bounds, reverse, limit: size })
    for (const [key, value] of page) yield [key, Buffer.from(value.buffer, value.byteOffset, value.byteLength)]
    const last = page.at(-1)
    if (last === undefined || page.length < size) return
    bounds = reverse ? { gte, lt: last[0] } : { gte: `${last[0]}\0`, lt }
    remaining -= page.length
    size = Math.min(PAGE, remaining)
  }
}

/** To be called before the database is closed: it stays open as long as the thread has it. */
export function endReading(directory: string): void {
  if (directories.delete(directory)) reader?.ask({ directory, close: true })
}
