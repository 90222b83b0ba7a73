/** Spotify's parts, composed. */
import { join } from 'node:path'
import { ProblemError } from '../api/problem.js'
import type { ConsentAnswer, FindGaps, SpotifyConsent } from '../api/spotify.js'
import type { SpotifyConfig } from '../config-spotify.js'
import { wallClock } from '../connect/clock.js'
import { openLedger } from '../connect/ledger.js'
import type { EventProducer } from '../connect/producer.js'
import { AccountStore } from '../connect/spotify/accounts.js'
import { SpotifyApi } from '../connect/spotify/api.js'
import { Connector, ConsentError } from '../connect/spotify/connect.js'
import { ReconnectError, UnavailableError, UnexpectedAnswerError } from '../connect/spotify/errors.js'
import { Keyring } from '../connect/spotify/keyring.js'
import type { OAuthClient } from '../connect/spotify/oauth.js'
import { runPoller } from '../connect/spotify/poller.js'
import { TokenSource } from '../connect/spotify/tokens.js'
import { Watch, type WatchOptions } from '../connect/spotify/watch.js'
import { lockDirectory } from '../state/lock.js'

export interface Spotify {
  readonly accounts: AccountStore
  readonly connector: Connector
  readonly config: SpotifyConfig
  readonly dataDir: string
}

/** @throws KeyringError */
export function openSpotify(config: SpotifyConfig, dataDir: string): Spotify {
  const directory = join(dataDir, 'spotify')
  const keyring = config.tokenKeys === undefined ? Keyring.fromFile(join(directory, 'keys')) : Keyring.parse(config.tokenKeys)
  const accounts = new AccountStore(join(directory, 'accounts'), keyring)
  accounts.rotate()
  const connector = new Connector({ client: clientOf(config), apiUrl: config.apiUrl, accounts, now: Date.now })
  return { accounts, connector, config, dataDir }
}

const clientOf = ({ clientId, clientSecret, redirectUri, accountsUrl }: SpotifyConfig): OAuthClient => ({
  clientId,
  redirectUri,
  accountsUrl,
  ...(clientSecret === undefined ? {} : { clientSecret })
})

function watchOptions({ accounts, config, dataDir }: Spotify, producer: EventProducer, say: (sentence: string) => void): WatchOptions {
  return {
    accounts,
    producer,
    api: new SpotifyApi(config.apiUrl),
    tokens: new TokenSource({ accounts, client: clientOf(config), now: Date.now }),
    now: Date.now,
    onNotice: say,
    openLedger: userId => openLedger(join(dataDir, 'ledger'), userId)
  }
}

/** Only one process uses the accounts' tokens: a refresh token may be good for one use. @throws StoreLockedError */
const lockAccounts = (dataDir: string, purpose: string) => lockDirectory(join(dataDir, 'spotify'), purpose)

/** Watches all connected accounts until the signal. @throws StoreLockedError another process does */
export async function pollSpotify(
  spotify: Spotify,
  { producer, signal, say, purpose }: { producer: EventProducer; signal: AbortSignal; say: (sentence: string) => void; purpose: string }
): Promise<void> {
  const { config, dataDir } = spotify
  const lock = await lockAccounts(dataDir, purpose)
  try {
    const { pollIntervalMs: intervalMs, backfillIntervalMs, concurrency } = config
    await runPoller({ ...watchOptions(spotify, producer, say), clock: wallClock, signal, intervalMs, backfillIntervalMs, concurrency })
  } finally {
    await lock.release()
  }
}

export interface BackfillLine {
  readonly userId: string
  /** A sentence. */
  readonly outcome: string
  readonly ok: boolean
}

/** Fetches what Spotify lists as played, of each connected account. @throws StoreLockedError a poller runs */
export async function backfillSpotify(spotify: Spotify, producer: EventProducer, say: (sentence: string) => void): Promise<BackfillLine[]> {
  const lock = await lockAccounts(spotify.dataDir, 'segue spotify backfill')
  try {
    const options = watchOptions(spotify, producer, say)
    const lines: BackfillLine[] = []
    for (const account of spotify.accounts.list()) {
      const { userId, status } = account
      if (status !== 'connected') {
        lines.push({ userId, ok: false, outcome: 'must be connected again (segue spotify connect).' })
        continue
      }
      try {
        const published = await new Watch(account, options).backfill()
        const outcome = published
          ? `${published.events} published, ${published.known} known.`
          : 'an import runs just now; it is published later.'
        lines.push({ userId, ok: true, outcome })
      } catch (error) {
        lines.push({ userId, ok: false, outcome: (error as Error).message })
      }
    }
    return lines
  } finally {
    await lock.release()
  }
}

/** For the API. */
export const gapsOf =
  ({ accounts }: Spotify): FindGaps =>
  userId =>
    accounts.get(userId) === undefined ? undefined : accounts.progress(userId).gaps

export const consentOf = ({ connector }: Spotify): SpotifyConsent => ({
  begin: () => connector.begin(),
  complete: (answer: ConsentAnswer) =>
    connector.complete(answer).catch((error: Error) => {
      if (error instanceof ConsentError || error instanceof ReconnectError) throw new ProblemError(400, error.message)
      if (error instanceof UnavailableError || error instanceof UnexpectedAnswerError) throw new ProblemError(502, error.message)
      throw error
    })
})
