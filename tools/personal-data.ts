/** One listener's data, wherever it is kept. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { daysOf } from '../api/answers/days.js'
import type { ApiAuth } from '../api/options.js'
import type { PersonalData, SharingChoice } from '../api/personal-data.js'
import { accountDirectory } from '../connect/ledger.js'
import { answerTopics, inputTopics, sharedKey, type TopicName } from '../schemas/catalogue.js'
import type { Codec } from '../schemas/codec.js'
import type { View } from '../state/view/view.js'
import type { Log } from '../streams/log/log.js'
import { partitionOf } from '../streams/log/partitioner.js'
import type { Spotify } from './spotify.js'

export interface PersonalDataParts {
  readonly log: Pick<Log, 'beginningOffset' | 'endOffset' | 'fetch' | 'send'>
  readonly codec: Pick<Codec, 'encode' | 'decode'>
  readonly view: Pick<View, 'get' | 'scan'>
  readonly partitions: number
  readonly dataDir: string
  readonly spotify: Spotify | undefined
  readonly auth: ApiAuth | undefined
  readonly now: () => number
}

const FETCH_BYTES = 4 * 1024 * 1024

export const personalData = (parts: PersonalDataParts): PersonalData => ({
  export: userId => exported(parts, userId),
  share: choice => share(parts, choice),
  erase: userId => erase(parts, userId)
})

async function* exported(parts: PersonalDataParts, userId: string): AsyncIterable<string> {
  const { view, now } = parts
  const head = {
    user_id: userId,
    exported_at: new Date(now()).toISOString(),
    account: accountOf(parts, userId),
    session: (await view.get('user-sessions', userId)) ?? null,
    affinity: (await view.get('artist-affinity', userId)) ?? null,
    profile: (await view.get('listener-profiles', userId)) ?? null,
    sharing: (await view.get('shared-listeners', sharedKey('user', userId))) ?? null
  }
  yield `${JSON.stringify(head).slice(0, -1)},\n"days":[`
  yield* list(daysOf(view, userId))
  yield '],\n"events":['
  yield* list(eventsOf(parts, userId))
  yield ']}\n'
}

async function share({ log, codec, now }: PersonalDataParts, choice: SharingChoice): Promise<void> {
  const value = codec.encode('sharing', { ...choice, chosen_at: now() })
  await log.send([{ topic: 'sharing', key: Buffer.from(choice.user_id), value }])
}

/** Sources stop first: what they would still send would come after the erasure. */
async function erase(parts: PersonalDataParts, userId: string): Promise<void> {
  const { spotify, auth, dataDir, log, codec, view, now } = parts
  spotify?.accounts.remove(userId)
  auth?.credentials.sessions.endAll(userId)
  for (const key of auth?.credentials.keys.list() ?? []) if (key.subject === userId) auth?.credentials.keys.revoke(key.id)
  await rm(join(dataDir, 'ledger', accountDirectory(userId)), { recursive: true, force: true })
  const days: string[] = []
  for await (const { day } of daysOf(view, userId)) days.push(day)
  const erasure = { user_id: userId, requested_at: now(), days }
  const key = Buffer.from(userId)
  const given = { recommendation_id: '', user_id: userId, track_id: '', action: 'erased' as const, given_at: now() }
  await log.send([
    { topic: 'erasures', key, value: codec.encode('erasures', erasure) },
    { topic: 'recommendation-feedback', key, value: codec.encode('recommendation-feedback', given) }
  ])
}

function accountOf({ spotify }: PersonalDataParts, userId: string) {
  const account = spotify?.accounts.get(userId)
  if (spotify === undefined || account === undefined) return null
  const { spotifyId, displayName, country, connectedAt, status } = account
  const { gaps } = spotify.accounts.progress(userId)
  return { spotify_id: spotifyId, display_name: displayName, country, connected_at: new Date(connectedAt).toISOString(), status, gaps }
}

/** What sources have sent of the listener, what they have chosen, and what they were recommended: of their partition, which is that of their id in each topic. */
async function* eventsOf({ log, codec, partitions }: PersonalDataParts, userId: string) {
  const key = Buffer.from(userId)
  const partition = partitionOf(key, partitions)
  for (const topic of [...inputTopics, 'sharing', ...answerTopics] as const) {
    const end = await log.endOffset({ topic, partition })
    for (let offset = await log.beginningOffset({ topic, partition }); offset < end; ) {
      const { records, nextOffset } = await log.fetch({ topic, partition }, offset, FETCH_BYTES)
      for (const record of records) {
        if (record.value === null || record.key?.equals(key) !== true) continue
        yield { topic, record_time: new Date(record.timestamp).toISOString(), event: decoded(codec, topic, record.value) }
      }
      offset = nextOffset
    }
  }
}

/** What can't be decoded is theirs, too. */
function decoded(codec: Pick<Codec, 'decode'>, topic: TopicName, value: Buffer): unknown {
  try {
    return codec.decode(topic, value)
  } catch {
    return { undecodable_base64: value.toString('base64') }
  }
}

async function* list(values: AsyncIterable<unknown>): AsyncIterable<string> {
  let separator = '\n'
  for await (const value of values) {
    yield separator + JSON.stringify(value)
    separator = ',\n'
  }
}
