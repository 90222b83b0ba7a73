import { createServer } from 'node:net'
import { StackError } from './error.js'

export const HOST = '127.0.0.1'

// Below the range that operating systems give to outgoing connections: a part that is started again finds its port free.
const FIRST = 20_000
const LAST = 32_000
const ATTEMPTS = 200

const taken = new Set<number>()

export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, HOST, () => server.close(() => resolve(true)))
  })
}

/** A port that nothing listens on, and that this process was not given before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    if (taken.has(port) || !(await isFree(port))) continue
    taken.add(port)
    return port
  }
  throw new StackError(`No port from ${FIRST} to ${LAST} is free on ${HOST}.`)
}
