/**
 * A Spotify to test against: its accounts service and the part of its Web API that a listening history needs, on a loopback
 * port, with a clock and listeners that a test moves.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorObject } from './bodies.js'
import { FakeListener } from './listener.js'

export interface Fault {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface Consent {
  readonly userId: string
  readonly challenge: string
  readonly redirectUri: string
}

export const CLIENT_ID = 'fake-client'

export class FakeSpotify {
  readonly listeners = new Map<string, FakeListener>()
  /** Every request, as `METHOD path`. */
  readonly requests: string[] = []
  /** Of the accounts service: whether a refresh reply carries a new refresh token. */
  rotates = true
  /** Access tokens live so long, seconds. */
  expiresIn = 3600
  private readonly codes = new Map<string, Consent>()
  private readonly accessTokens = new Map<string, { userId: string; expiresAt: number }>()
  private readonly refreshTokens = new Map<string, string>()
  private readonly faults = new Map<string, Fault[]>()
  private readonly server: Server

  private constructor(readonly now: () => number) {
    this.server = createServer((request, response) => {
      this.handle(request, response).catch(error => send(response, 500, errorObject(500, String(error))))
    })
  }

  static async listen(now: () => number = Date.now, port = 0): Promise<FakeSpotify> {
    const fake = new FakeSpotify(now)
    await new Promise<void>(resolve => fake.server.listen(port, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise(resolve => this.server.close(resolve))
  }

  listener(userId: string): FakeListener {
    const listener = this.listeners.get(userId) ?? new FakeListener(userId, this.now)
    this.listeners.set(userId, listener)
    return listener
  }

  /** The next answers of a path (such as /v1/me) are these. */
  fail(path: string, ...faults: Fault[]): void {
    this.faults.set(path, [...(this.faults.get(path) ?? []), ...faults])
  }

  /** The listener takes their consent back: refreshing fails from now on, and what was given is refused. */
  revoke(userId: string): void {
    for (const [token, owner] of this.refreshTokens) if (owner === userId) this.refreshTokens.delete(token)
    this.expire(userId)
  }

  /** The listener's access tokens end now. */
  expire(userId: string): void {
    for (const [token, { userId: owner }] of this.accessTokens) if (owner === userId) this.accessTokens.delete(token)
  }

  /** What the consent page's button does: the address that the browser is sent back to. */
  consent(authorizeUrl: string, userId: string): string {
    const query = new URL(authorizeUrl).searchParams
    const back = new URL(query.get('redirect_uri')!)
    const code = randomBytes(12).toString('hex')
    this.codes.set(code, { userId, challenge: query.get('code_challenge')!, redirectUri: back.href })
    this.listener(userId)
    back.search = new URLSearchParams({ code, state: query.get('state')! }).toString()
    return back.href
  }

  /** How often a path was asked for. */
  count(path: string): number {
    return this.requests.filter(request => request.split(' ')[1] === path).length
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    this.requests.push(`${request.method} ${url.pathname}`)
    const fault = this.faults.get(url.pathname)?.shift()
    if (fault) return send(response, fault.status, fault.body ?? errorObject(fault.status, 'A fault'), fault.headers)
    if (url.pathname === '/api/token') return send(response, ...this.token(new URLSearchParams(await textOf(request))))
    if (url.pathname === '/authorize') return this.authorize(url, response)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const access = this.accessTokens.get(token)
    if (!access || access.expiresAt <= this.now()) return send(response, 401, errorObject(401, 'The access token expired'))
    const [status, body] = this.listener(access.userId).answer(url)
    send(response, status, body)
  }

  private authorize(url: URL, response: ServerResponse): void {
    const userId = url.searchParams.get('as')
    if (userId !== null) {
      url.searchParams.delete('as')
      response.writeHead(302, { location: this.consent(url.href, userId) }).end()
      return
    }
    const links = [...this.listeners.keys()].map(
      id => `<p><a href="${url.pathname}${url.search}&as=${encodeURIComponent(id)}">${id}</a></p>`
    )
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<h1>Agree as</h1>${links.join('')}`)
  }

  private token(form: URLSearchParams): [status: number, body: unknown] {
    if (form.get('client_id') !== CLIENT_ID) return [400, { error: 'invalid_client' }]
    if (form.get('grant_type') === 'refresh_token') {
      const old = form.get('refresh_token') ?? ''
      const userId = this.refreshTokens.get(old)
      if (userId === undefined) return [400, { error: 'invalid_grant', error_description: 'Refresh token revoked' }]
      if (this.rotates) this.refreshTokens.delete(old)
      return [200, this.grant(userId, this.rotates)]
    }
    const consent = this.codes.get(form.get('code') ?? '')
    this.codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (consent?.challenge !== challenge || consent.redirectUri !== form.get('redirect_uri')) {
      return [400, { error: 'invalid_grant', error_description: 'Invalid authorization code' }]
    }
    return [200, this.grant(consent.userId, true)]
  }

  private grant(userId: string, withRefreshToken: boolean) {
    const access_token = `BQ${randomBytes(16).toString('hex')}`
    this.accessTokens.set(access_token, { userId, expiresAt: this.now() + this.expiresIn * 1000 })
    const answer = { access_token, token_type: 'Bearer', expires_in: this.expiresIn, scope: 'user-read-currently-playing' }
    if (!withRefreshToken) return answer
    const refresh_token = `AQ${randomBytes(16).toString('hex')}`
    this.refreshTokens.set(refresh_token, userId)
    return { ...answer, refresh_token }
  }
}

function send(response: ServerResponse, status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(status === 204 ? undefined : text)
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
