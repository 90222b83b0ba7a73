import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { readConfig } from '../../config.js'
import { startSegue } from '../../main.js'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { ingest, quiet } from './instance.js'
import { listening } from './listening.js'
import { segue, temporary } from './run.js'

const START = Date.UTC(2024, 0, 1, 12)
const MINUTE = 60_000

/** A running application with nobody in it; closed by the test's end. */
async function running(t: Test, environment: Record<string, string> = {}) {
  const settings = {
    SEGUE_DATA_DIR: temporary(t),
    PORT: '0',
    SEGUE_SIMULATOR: 'off',
    LOG_LEVEL: 'silent',
    SEGUE_LAKE: 'off',
    ...environment
  }
  const instance = await startSegue(readConfig(settings))
  t.teardown(() => instance.close())
  const url = instance.url!
  const ask = async (path: string, options: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, options)
    return { status: response.status, body: (await response.json()) as any }
  }
  const post = (path: string, body: unknown) =>
    ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  /** All that came in is computed and in the view. */
  const settled = () =>
    quiet(async () => {
      const { tasks, view } = (await ask('/v1/topology')).body.lag
      return [...tasks, ...view].every(({ records }: { records: number }) => records === 0)
    })
  return { url, ask, post, settled }
}

const play = (event_id: string, minute: number, track: string, more: Record<string, unknown> = {}) => ({
  topic: 'spotify-plays',
  event: {
    ...{ event_id, user_id: 'ann', track_id: track, track_name: `Name of ${track}`, artist_name: 'Artist' },
    occurred_at: START + minute * MINUTE,
    ...more
  }
})
const send = async (t: Test, url: string, lines: readonly object[]) =>
  t.equal(
    await ingest(
      url,
      lines.map(line => JSON.stringify(line))
    ),
    200
  )

t.test('the journey of an event: accepted, twice, rejected, or never there', async t => {
  const { url, ask, settled } = await running(t)
  // Others' events lie between; a session before, and one after.
  await send(t, url, [play('before', -100, 'z'), ...listening(600).map(line => JSON.parse(line) as object), play('one', 0, 'a')])
  await send(t, url, [play('two', 5, 'b'), play('three', 10, 'a'), play('four', 15, 'c'), play('later', 500, 'z')])
  await send(t, url, [
    { ...play('paused', 6, 'b', { event_type: 'pause' }), topic: 'spotify-events' },
    play('again', 5, 'b'),
    play('wrong', -30_000_000, 'a')
  ])
  await settled()
  const journey = async (id: string, query = '') => (await ask(`/v1/operations/journeys/${id}${query}`)).body

  const two = await journey('two')
  t.match(two, { verdict: 'accepted', raw: { topic: 'spotify-plays', event: { event_id: 'two', track_id: 'b' } }, letter: null })
  t.match(two.clean, { topic: 'listening-events', partition: two.raw.partition, type: 'play', user_id: 'ann', track_name: 'Name of b' })
  t.match(
    two.session,
    {
      started_at: new Date(START).toISOString(),
      last_play_at: new Date(START + 15 * MINUTE).toISOString(),
      place: 1,
      complete: true,
      plays: ['a', 'b', 'a', 'c'].map(track_id => ({ track_id })),
      published: { topic: 'user-sessions' }
    },
    'its session, and no other'
  )
  const pairs = two.pairs.map(({ track_id, before, after, sessions_together }: any) => [track_id, before, after, sessions_together])
  t.strictSame(pairs, [
    ['a', 1, 1, 1],
    ['c', null, 2, 1]
  ])
  const view = new Map<string, number>(two.view.map((position: any) => [position.topic, position.offset]))
  t.ok(view.get('track-neighbours')! > two.neighbours.offset, 'the view has read its neighbours')
  t.ok(view.get('user-sessions')! > two.session.published.offset)

  const three = await journey('three', '?user_id=ann')
  t.strictSame(
    three.pairs.map(({ track_id, before, after }: any) => [track_id, before, after]),
    [
      ['b', 1, null],
      ['c', null, 1]
    ],
    'what is beyond the same track belongs to its other play'
  )
  t.ok(three.searched < two.searched, 'who names the listener has less searched')

  t.match(await journey('paused'), { verdict: 'accepted', clean: { type: 'pause' }, session: null, pairs: [] })
  const again = await journey('again')
  t.match(again, { verdict: 'duplicate', session: null, clean: { offset: two.clean.offset } }, 'the first one counts')
  const wrong = await journey('wrong')
  t.match(wrong, { verdict: 'rejected', clean: null, letter: { code: 'BAD_TIME', at: { topic: 'dead-letters' } } })
  t.equal(wrong.letter.id, `spotify-plays-${wrong.raw.partition}-${wrong.raw.offset}`)
  t.match(await journey('never'), { status: 404, detail: /^No event with the id "never" is in any of the 60\d records/ })

  const { events } = (await ask('/v1/operations/events?limit=4')).body
  t.strictSame(events.map(({ event_id }: any) => event_id).sort(), ['again', 'later', 'paused', 'wrong'].sort())
})

t.test('dead letters are listed, opened and sent again; what was mended is accepted', async t => {
  const { url, ask, post, settled } = await running(t)
  const inAnHour = Date.now() + 3_600_000
  await send(t, url, [
    ...Array.from({ length: 30 }, (_, i) => play(`early-${i}`, -30_000_000 + i, 'a', { user_id: `user-${i}` })),
    play('empty', 0, ''),
    play('soon', 0, 'a', { occurred_at: inAnHour })
  ])
  await settled()
  const list = async (query = '') => (await ask(`/v1/operations/dead-letters${query}`)).body
  t.match(await list('?limit=50'), { complete: true, letters: { length: 32 }, searched: 32 })
  t.match(await list(), { complete: false, letters: { length: 10 } })
  const { letters } = await list('?code=MISSING_FIELD')
  t.match(letters, [{ code: 'MISSING_FIELD', reason: /track_id/, topic: 'spotify-plays', processor: 'clean' }])

  const { body: opened } = await ask(`/v1/operations/dead-letters/${letters[0].id}`)
  t.match(opened, { ...letters[0], key: 'ann', event: { event_id: 'empty', track_id: '' } })
  const bytes = Buffer.from(opened.bytes, 'hex')
  t.equal(bytes.length, opened.size)
  t.ok(bytes.includes('empty'), 'its own bytes')
  t.equal((await ask('/v1/operations/dead-letters/spotify-plays-0-999999')).status, 404)
  t.equal((await ask('/v1/operations/dead-letters/x')).status, 400)

  const { body } = await post('/v1/operations/dead-letters/retry', { ids: [letters[0].id, letters[0].id, 'spotify-plays-2-999999'] })
  t.strictSame(body, { sent: [letters[0].id] }, 'once, and only what there is')
  await settled()
  const after = await list('?code=MISSING_FIELD')
  t.equal(after.letters.length, 2, 'it is judged anew')
  t.not(after.letters[0].id, after.letters[1].id)
  t.match((await ask('/v1/operations/audit')).body, { records: 33, counted: 33, exact: true })
})

t.test('tasks are killed while events come in: everything is counted exactly once', async t => {
  const { url, ask, post, settled } = await running(t, { MAX_COMMIT_RECORDS: '100' })
  // A task that is not open yet is none that this instance runs.
  while ((await fetch(`${url}/readyz`)).status !== 200) await sleep(20)
  const lines = [...listening(3_000), ...listening(600)]
  let ended = false
  const sending = (async () => {
    for (let i = 0; i < lines.length; i += 200) t.equal(await ingest(url, lines.slice(i, i + 200)), 200)
    ended = true
  })()
  let kills = 0
  while (!ended || kills < 9) {
    const [unit, partition] = [['listeners', 'tracks', 'artists'][kills % 3]!, Math.floor(kills / 3) % 3]
    const { status, body } = await post('/v1/operations/chaos', { unit, partition, state_lost: kills % 2 === 0 })
    t.equal(status, 200, `${unit} ${partition} is back`)
    t.ok(body.back_after_ms >= 0)
    kills++
  }
  await sending
  await settled()
  t.match((await ask('/v1/operations/audit')).body, { records: lines.length, counted: lines.length, exact: true, chaos: true })
  const dump = (await ask('/v1/operations/dump')).body as Dump
  const file = join(t.testdir(), 'input.jsonl')
  writeFileSync(file, lines.join('\n'))
  const undisturbed = await segue(['dump', '--input', file])
  t.same(differences(JSON.parse(undisturbed.stdout) as Dump, dump), [], `after ${kills} kills it is what an undisturbed run gives`)
  t.equal((await post('/v1/operations/chaos', { unit: 'listeners', partition: 17 })).status, 404)
})

t.test('where it is not development, no task is killed', async t => {
  const { post, ask } = await running(t, { SEGUE_CHAOS: 'off' })
  const refused = await post('/v1/operations/chaos', { unit: 'listeners', partition: 0 })
  t.match(refused, { status: 403, body: { detail: /in development only: SEGUE_CHAOS=on allows it, never with NODE_ENV=production/ } })
  t.match((await ask('/v1/operations/audit')).body, { chaos: false })
  const production = { SEGUE_CHAOS: 'on', NODE_ENV: 'production' }
  t.throws(() => readConfig(production), { message: /SEGUE_CHAOS is on and NODE_ENV is production/ })
  for (const quiet of [{ NODE_ENV: 'production' }, { SEGUE_MODE: 'kafka' }, { SEGUE_AUTH: 'on' }])
    t.equal(readConfig(quiet).page.chaos, false, JSON.stringify(quiet))
  t.equal(readConfig({}).page.chaos, true)
})
