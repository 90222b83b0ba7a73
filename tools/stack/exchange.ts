import { connect } from 'node:net'
import { HOST } from './ports.js'

const PATIENCE_MS = 2_000

/** Sends bytes to a local port and resolves to the first bytes of the answer: at least `least`, fewer where none follow. */
export function exchange(port: number, request: Uint8Array | string, least: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0)
    const socket = connect(port, HOST, () => socket.write(request))
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')))
    socket.on('data', bytes => {
      answer = Buffer.concat([answer, bytes])
      if (answer.length >= least) socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(answer))
  })
}

/** The status and the body of GET; undefined: no answer. */
export async function get(url: string): Promise<{ status: number; body: string } | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) })
    return { status: response.status, body: await response.text() }
  } catch {
    return undefined
  }
}
