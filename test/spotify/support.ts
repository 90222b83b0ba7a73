import { join } from 'node:path'
import type { Test } from 'tap'
import { type Ledger, openLedger } from '../../connect/ledger.js'
import type { Account } from '../../connect/spotify/account.js'
import { AccountStore } from '../../connect/spotify/accounts.js'
import { SpotifyApi } from '../../connect/spotify/api.js'
import { Connector } from '../../connect/spotify/connect.js'
import { Keyring } from '../../connect/spotify/keyring.js'
import type { OAuthClient } from '../../connect/spotify/oauth.js'
import { TokenSource } from '../../connect/spotify/tokens.js'
import { Watch, type WatchOptions } from '../../connect/spotify/watch.js'
import { RecordingProducer, typeOf } from '../connect/support.js'
import type { FakeTrack } from './bodies.js'
import { CLIENT_ID, FakeSpotify } from './fake.js'

export const T0 = Date.UTC(2026, 4, 4, 8)
export const MINUTE = 60_000

export const track = (id: string, durationMs = 200_000, name = `Title ${id}`): FakeTrack => ({
  id,
  name,
  artist: 'Hollow Pines',
  album: 'Strange Weather',
  durationMs
})

/** A fake Spotify, a clock that tests move, and all that watching an account needs. */
export class Bench {
  time = T0
  readonly notices: string[] = []
  producer = new RecordingProducer()
  readonly accounts: AccountStore
  readonly client: OAuthClient
  readonly connector: Connector
  readonly tokens: TokenSource

  private constructor(
    readonly directory: string,
    readonly spotify: FakeSpotify
  ) {
    const now = () => this.time
    this.accounts = new AccountStore(join(directory, 'accounts'), Keyring.fromFile(join(directory, 'keys')))
    this.client = { clientId: CLIENT_ID, redirectUri: 'http://127.0.0.1:3000/spotify/callback', accountsUrl: spotify.url }
    this.connector = new Connector({ client: this.client, apiUrl: spotify.url, accounts: this.accounts, now })
    this.tokens = new TokenSource({ accounts: this.accounts, client: this.client, now })
  }

  static async open(t: Test, directory = t.testdir()): Promise<Bench> {
    let bench: Bench | undefined
    const spotify = await FakeSpotify.listen(() => bench?.time ?? T0)
    bench = new Bench(directory, spotify)
    t.teardown(() => spotify.close())
    return bench
  }

  async connect(userId: string): Promise<Account> {
    const { url } = this.connector.begin()
    const back = new URL(this.spotify.consent(url, userId)).searchParams
    return this.connector.complete({ state: back.get('state')!, code: back.get('code')! })
  }

  options(): WatchOptions {
    return {
      accounts: this.accounts,
      api: new SpotifyApi(this.spotify.url),
      tokens: this.tokens,
      now: () => this.time,
      onNotice: sentence => this.notices.push(sentence),
      producer: { send: events => this.producer.send(events) },
      openLedger: userId => this.ledger(userId)
    }
  }

  ledger(userId: string): Promise<Ledger> {
    return openLedger(join(this.directory, 'ledger'), userId)
  }

  watch(account: Account): Watch {
    return new Watch(account, this.options())
  }

  /** Looks every five seconds for so long. */
  async pass(watch: Watch, ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5_000) {
      this.time += Math.min(5_000, ms - passed)
      await watch.look()
    }
  }

  /** What was published, without "now playing", in short: `type track`. */
  said(): string[] {
    return this.producer.events.filter(event => typeOf(event) !== 'other').map(event => `${typeOf(event)} ${event.event.track_name}`)
  }
}
