import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export const END_TXN = 26

/** What becomes of a request: it passes, it never arrives, or it arrives and its reply is lost; the connection ends in the latter two. */
export type Fate = 'pass' | 'lose request' | 'lose reply'

/** Stands between a client and a broker, and reads enough of the protocol to know which request is which. */
export class FaultyProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  lost = 0

  /** @param fate is asked for each request */
  constructor(
    private readonly broker: { host: string; port: number },
    private readonly fate: (apiKey: number) => Fate
  ) {
    this.#server = createServer(client => this.#serve(client))
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(client: Socket): void {
    client.pause()
    const server = connect(this.broker, () => client.resume())
    const awaited = new Set<number>()
    const end = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', end).on('close', () => {
        this.#sockets.delete(socket)
        end()
      })
    }
    frames(client, frame => {
      const fate = this.fate(frame.readInt16BE(4))
      if (fate === 'pass') return server.write(frame)
      this.lost++
      if (fate === 'lose request') return end()
      awaited.add(frame.readInt32BE(8))
      return server.write(frame)
    })
    frames(server, frame => (awaited.has(frame.readInt32BE(4)) ? end() : client.write(frame)))
  }
}

/** Calls back with each whole message: its length, then what the length says. */
function frames(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0)
  socket.on('data', chunk => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      onFrame(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  })
}
