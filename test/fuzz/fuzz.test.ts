/** Schemathesis asks each operation of the OpenAPI document for all sorts of things: none fails, and none answers what is not documented. */
import t from 'tap'
import { start } from '../product/instance.js'
import { listening } from '../product/listening.js'
import { segue, temporary } from '../product/run.js'
import { CLIENT_ID, FakeSpotify } from '../spotify/fake.js'
import { endingStreams, noSchemathesis, schemathesis } from './schemathesis.js'

/** The same seed asks the same. */
const seed = process.env.FUZZ_SEED ?? '1'
const cases = process.env.FUZZ_CASES ?? '20'
const some = (name: string) => Array.from({ length: 6 }, (_, i) => `${name}-${i}`)
const rejected = Array.from({ length: 5 }, (_, i) => {
  const event = { event_id: `bad-${i}`, user_id: 'listener-1', track_id: 'track-1', track_name: 'A', artist_name: 'a', occurred_at: 5 }
  return JSON.stringify({ topic: 'spotify-plays', event })
})

t.test('every operation, asked by an admin who listens too', { skip: noSchemathesis() }, async t => {
  const spotify = await FakeSpotify.listen()
  t.teardown(() => spotify.close())
  const directory = temporary(t)
  const environment = {
    ...{ SEGUE_DATA_DIR: directory, SEGUE_AUTH: 'on', RATE_LIMIT_PER_MINUTE: '0', SHED_LOAD_AFTER_MS: '0', SEGUE_CHAOS: 'on' },
    ...{ SPOTIFY_CLIENT_ID: CLIENT_ID, SPOTIFY_API_URL: spotify.url, SPOTIFY_ACCOUNTS_URL: spotify.url }
  }
  const key = await segue(['key', 'create', '--user', 'listener-1', '--scope', 'admin', '--days', '1'], environment)
  const authorization = `Bearer ${key.stdout.trim()}`
  const running = await start(t, environment)
  const ask = async <T>(path: string, init: object = {}): Promise<T> => {
    const answer = await fetch(`${running.url}/v1${path}`, { headers: { authorization }, ...init })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const headers = { authorization, 'content-type': 'application/x-ndjson' }
  await ask('/ingest', { method: 'POST', headers, body: [...listening(2_000), ...rejected].join('\n') })
  await running.settled()
  const { letters } = await ask<{ letters: { id: string }[] }>('/operations/dead-letters')
  t.equal(letters.length, rejected.length)
  const ids = letters.map(({ id }) => id)
  const users = some('listener')
  const tracks = some('track')
  const found = await schemathesis({
    ...{ url: await endingStreams(t, running.url), directory, authorization, seed, cases },
    known: {
      ...{ 'path.user_id': users, 'query.user_id': users, 'path.other': users, 'body.user_ids[*]': users, 'body.user_id': users },
      ...{ 'path.track_id': tracks, 'query.exclude': tracks, 'body.tracks[*]': tracks, 'body.track_id': tracks },
      ...{ 'path.event_id': some('1'), 'path.letter_id': ids, 'body.ids[*]': ids }
    }
  })
  t.ok(found.passed, found.output)
  t.equal(running.process.exitCode, null, 'it still runs')
  t.notMatch(running.output(), /A request failed/)
  await t.resolves(running.settled(), 'and computes all that came in')
})
