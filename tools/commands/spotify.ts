import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Config } from '../../config.js'
import type { SpotifyConfig } from '../../config-spotify.js'
import { httpProducer } from '../../connect/http-producer.js'
import type { EventProducer } from '../../connect/producer.js'
import { consentEnds } from '../../connect/spotify/account.js'
import { describeGap } from '../../connect/spotify/watch.js'
import { runningInstance } from '../instance.js'
import { backfillSpotify, openSpotify, pollSpotify } from '../spotify.js'
import { interruptible, tokenOf, withProducer } from './sources.js'

const print = (line: string) => process.stdout.write(`${line}\n`)
const say = (line: string) => process.stderr.write(`${line}\n`)

/** @throws Error there is no Spotify app */
function setUp(config: Config): SpotifyConfig {
  if (config.spotify !== undefined) return config.spotify
  throw new Error(
    'No Spotify app is set up: make one at https://developer.spotify.com/dashboard and give its id in SPOTIFY_CLIENT_ID (see .env.example).'
  )
}

/** Waits at the redirect address for the browser's way back. */
export async function connectCommand(config: Config, userId?: string): Promise<number> {
  const spotify = openSpotify(setUp(config), config.dataDir)
  const instance = await runningInstance(config.dataDir)
  if (instance !== undefined && userId === undefined) {
    print(`Segue is running. Open ${instance}/spotify/connect in your browser.`)
    return 0
  }
  const back = new URL(spotify.config.redirectUri)
  if (back.protocol !== 'http:') throw new Error(`${back.origin} is not on this machine: open its /spotify/connect in your browser.`)
  const server = createServer().listen(Number(back.port || 80), '127.0.0.1')
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`The redirect address ${back.host} can't be listened on (${error.code}): stop what uses it, for instance segue start.`)
  })
  const { url } = spotify.connector.begin(userId)
  print(`Open this address in your browser and agree:\n${url}`)
  try {
    for (;;) {
      const [request, response] = await once(server, 'request')
      const { pathname, searchParams } = new URL(request.url, back.origin)
      response.setHeader('content-type', 'text/plain; charset=utf-8')
      if (pathname !== back.pathname) {
        response.writeHead(404).end('There is nothing here.')
        continue
      }
      const answer = Object.fromEntries(searchParams) as { state?: string; code?: string; error?: string }
      const account = await spotify.connector.complete(answer).catch((error: Error) => error)
      response
        .writeHead(account instanceof Error ? 400 : 200)
        .end(account instanceof Error ? account.message : 'Connected. You can close this page.')
      if (account instanceof Error) throw account
      print(`Connected: ${account.userId}${account.displayName ? ` (${account.displayName})` : ''}. segue start polls it.`)
      return 0
    }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

export function statusCommand(config: Config): number {
  const { accounts } = openSpotify(setUp(config), config.dataDir)
  const all = accounts.list()
  if (all.length === 0) print('No account is connected: segue spotify connect.')
  for (const account of all) {
    const { userId, displayName, status, detail, connectedAt } = account
    const { backfilledAt, gaps, outbox, player } = accounts.progress(userId)
    print(`${userId}${displayName ? ` (${displayName})` : ''}: ${status === 'connected' ? 'connected' : 'connect it again'}`)
    if (detail !== null) print(`  ${detail}`)
    print(`  the consent of ${day(connectedAt)} ends on ${day(consentEnds(connectedAt))}`)
    print(`  looked at ${time(player?.lookedAt ?? 0)}, backfilled ${time(backfilledAt)}, ${outbox.length} events waiting`)
    for (const gap of gaps) print(`  ${describeGap(gap)}`)
  }
  return all.some(({ status }) => status === 'reconnect') ? 1 : 0
}

export async function backfillCommand(config: Config): Promise<number> {
  const spotify = openSpotify(setUp(config), config.dataDir)
  const lines = await withProducer(config, 'segue spotify backfill', producer => backfillSpotify(spotify, producer, say))
  for (const { userId, outcome } of lines) print(`${userId}: ${outcome}`)
  if (lines.length === 0) print('No account is connected: segue spotify connect.')
  return lines.every(({ ok }) => ok) ? 0 : 1
}

export async function pollCommand(config: Config): Promise<number> {
  const spotify = openSpotify(setUp(config), config.dataDir)
  const signal = interruptible()
  say(`Polling ${spotify.accounts.list().length} accounts every ${spotify.config.pollIntervalMs / 1000} s. Ctrl-C stops it.`)
  const poll = (producer: EventProducer) => pollSpotify(spotify, { producer, signal, say, purpose: 'segue spotify poll' })
  // An embedded log is the running instance's.
  if (config.mode === 'kafka') await withProducer(config, 'segue spotify poll', poll)
  else await poll(runningProducer(config, signal))
  return 0
}

export function disconnectCommand(config: Config, userId: string): number {
  const known = openSpotify(setUp(config), config.dataDir).accounts.remove(userId)
  print(
    known
      ? `${userId} is disconnected, its tokens are deleted. At Spotify: https://www.spotify.com/account/apps`
      : `${userId} is not connected.`
  )
  return known ? 0 : 1
}

/** The instance that runs when events are sent: it may be restarted meanwhile, then they wait. */
function runningProducer(config: Config, signal: AbortSignal): EventProducer {
  return {
    async send(events) {
      if (events.length === 0) return
      const url = await runningInstance(config.dataDir)
      if (url === undefined) throw new Error('Segue is not running (segue start): what was seen is kept until it is.')
      await httpProducer({ url, signal, ...tokenOf(config) }).send(events)
    }
  }
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
const time = (at: number): string => (at === 0 ? 'never' : new Date(at).toISOString())
