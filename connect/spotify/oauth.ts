/** OAuth 2.0 authorization code with PKCE (RFC 6749, RFC 7636) as Spotify has it. */
import { createHash, randomBytes } from 'node:crypto'
import { checked, RefusalBody, TokenBody } from './bodies.js'
import { ReconnectError, UnauthorizedError, UnexpectedAnswerError } from './errors.js'
import { request } from './http.js'

export interface OAuthClient {
  readonly clientId: string
  /** Apps that can keep one; with PKCE none is needed. */
  readonly clientSecret?: string
  readonly redirectUri: string
  /** Such as https://accounts.spotify.com. */
  readonly accountsUrl: string
}

/** What Segue asks the listener for: to see what they play and what they saved, nothing to change. */
export const SCOPES = ['user-read-currently-playing', 'user-read-recently-played', 'user-library-read', 'user-read-private']

export interface Tokens {
  readonly accessToken: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly refreshToken: string
}

export interface Pkce {
  readonly verifier: string
  readonly challenge: string
}

export function createPkce(): Pkce {
  const verifier = randomBytes(48).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** Where the listener's browser goes to consent. */
export function authorizeUrl(client: OAuthClient, state: string, challenge: string): string {
  const url = new URL('/authorize', client.accountsUrl)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope: SCOPES.join(' '),
    state,
    code_challenge_method: 'S256',
    code_challenge: challenge
  }).toString()
  return url.href
}

/** @throws ReconnectError the code is used, old or another's */
export async function exchangeCode(client: OAuthClient, code: string, verifier: string, now: number): Promise<Tokens> {
  const grant = { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri, code_verifier: verifier }
  const { refresh_token, ...tokens } = await askForTokens(client, grant)
  if (!refresh_token) throw new UnexpectedAnswerError('Spotify gave no refresh token for the code.')
  return { accessToken: tokens.access_token, expiresAt: now + tokens.expires_in * 1000, refreshToken: refresh_token }
}

/** Where the reply has no refresh token, the old one stays. @throws ReconnectError the consent has ended */
export async function refreshTokens(client: OAuthClient, refreshToken: string, now: number): Promise<Tokens> {
  const tokens = await askForTokens(client, { grant_type: 'refresh_token', refresh_token: refreshToken })
  return {
    accessToken: tokens.access_token,
    expiresAt: now + tokens.expires_in * 1000,
    refreshToken: tokens.refresh_token || refreshToken
  }
}

async function askForTokens(client: OAuthClient, grant: Readonly<Record<string, string>>) {
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }
  if (client.clientSecret !== undefined) {
    headers.authorization = `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`
  }
  const body = new URLSearchParams({ ...grant, client_id: client.clientId }).toString()
  const answer = await request(new URL('/api/token', client.accountsUrl), { method: 'POST', headers, body }).catch((error: Error) => {
    throw error instanceof UnauthorizedError ? refused('invalid_client') : error
  })
  if (answer.status !== 400) return checked(TokenBody, answer.body, '/api/token')
  const { error } = checked(RefusalBody, answer.body, '/api/token')
  if (error === 'invalid_grant') throw new ReconnectError('The consent given to Segue has ended: connect the account again.')
  throw refused(error)
}

const refused = (error: string) =>
  new UnexpectedAnswerError(
    `Spotify refused the token request (${error.slice(0, 80)}): check SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET and the redirect address.`
  )
