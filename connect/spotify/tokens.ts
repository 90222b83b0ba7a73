import type { Account } from './account.js'
import type { AccountStore } from './accounts.js'
import { ReconnectError, UnauthorizedError } from './errors.js'
import { type OAuthClient, refreshTokens } from './oauth.js'

/** An access token with less time left than this is renewed before it is used. */
const MARGIN_MS = 60_000

export interface TokenOptions {
  readonly accounts: AccountStore
  readonly client: OAuthClient
  readonly now: () => number
}

/** Access tokens of connected accounts, renewed when they end. */
export class TokenSource {
  /** One renewal of an account at a time: with PKCE a refresh token is good for one use. */
  private readonly renewals = new Map<string, Promise<string>>()

  constructor(private readonly options: TokenOptions) {}

  /**
   * Calls `use` with an access token; once more with a new one if Spotify refuses the first.
   * @throws ReconnectError the consent has ended; the account is marked so
   */
  async use<T>(userId: string, use: (token: string) => Promise<T>): Promise<T> {
    const { accounts, now } = this.options
    const account = this.connected(userId)
    const { accessToken, expiresAt } = accounts.tokens(account)
    const token = expiresAt - now() < MARGIN_MS ? await this.renew(account) : accessToken
    try {
      return await use(token)
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error
      const current = this.connected(userId)
      const newer = accounts.tokens(current).accessToken
      return await use(newer === token ? await this.renew(current) : newer)
    }
  }

  private connected(userId: string): Account {
    const account = this.options.accounts.get(userId)
    if (account?.status === 'connected') return account
    throw new ReconnectError(`The Spotify account of ${userId} is not connected.`)
  }

  private renew(account: Account): Promise<string> {
    const running = this.renewals.get(account.userId)
    if (running) return running
    const renewal = this.refresh(account).finally(() => this.renewals.delete(account.userId))
    this.renewals.set(account.userId, renewal)
    return renewal
  }

  private async refresh(account: Account): Promise<string> {
    const { accounts, client, now } = this.options
    try {
      const tokens = await refreshTokens(client, accounts.tokens(account).refreshToken, now())
      accounts.update(account, { tokens })
      return tokens.accessToken
    } catch (error) {
      if (error instanceof ReconnectError) accounts.update(account, { status: 'reconnect', detail: error.message })
      throw error
    }
  }
}
