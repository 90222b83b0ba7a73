/** A listener connects their account: from the consent page's address to tokens that are kept. */
import { randomBytes } from 'node:crypto'
import type { Account } from './account.js'
import type { AccountStore } from './accounts.js'
import { SpotifyApi } from './api.js'
import { authorizeUrl, createPkce, exchangeCode, type OAuthClient } from './oauth.js'

/** The way back from the consent page does not fit: used, too old, or begun elsewhere. Its message is a sentence. */
export class ConsentError extends Error {
  override name = 'ConsentError'
}

interface Pending {
  readonly verifier: string
  readonly begunAt: number
  readonly userId: string | undefined
}

const LONGEST_MS = 10 * 60_000
const MOST_PENDING = 1_000

export interface ConnectOptions {
  readonly client: OAuthClient
  readonly apiUrl: string
  readonly accounts: AccountStore
  readonly now: () => number
}

export class Connector {
  /** By state; each is taken once. */
  private readonly pending = new Map<string, Pending>()

  constructor(private readonly options: ConnectOptions) {}

  /** `userId`: the listener's id in Segue; Spotify's id of the account where absent. */
  begin(userId?: string): { url: string; state: string } {
    const { client, now } = this.options
    for (const [state, { begunAt }] of this.pending) {
      if (this.pending.size >= MOST_PENDING || now() - begunAt > LONGEST_MS) this.pending.delete(state)
    }
    const state = randomBytes(24).toString('base64url')
    const { verifier, challenge } = createPkce()
    this.pending.set(state, { verifier, begunAt: now(), userId })
    return { url: authorizeUrl(client, state, challenge), state }
  }

  /** @throws ConsentError, ReconnectError, and what SpotifyApi throws */
  async complete(answer: {
    readonly state?: string | undefined
    readonly code?: string | undefined
    readonly error?: string | undefined
  }): Promise<Account> {
    const { client, apiUrl, accounts, now } = this.options
    const pending = this.pending.get(answer.state ?? '')
    this.pending.delete(answer.state ?? '')
    if (pending === undefined || now() - pending.begunAt > LONGEST_MS) {
      throw new ConsentError('This way back from Spotify is used or more than ten minutes old: begin again.')
    }
    if (answer.error !== undefined || answer.code === undefined) throw new ConsentError('Spotify says that consent was not given.')
    const tokens = await exchangeCode(client, answer.code, pending.verifier, now())
    const profile = await new SpotifyApi(apiUrl).profile(tokens.accessToken)
    const spotifyId = profile.account_id ?? profile.id
    const { display_name: displayName = null, country = null } = profile
    return accounts.connect({ userId: pending.userId ?? spotifyId, spotifyId, displayName, country, connectedAt: now() }, tokens)
  }
}
