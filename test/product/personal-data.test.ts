import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { readConfig } from '../../config.js'
import { startSegue } from '../../main.js'
import { sourceTopics } from '../../schemas/catalogue.js'
import { segue, temporary } from './run.js'

/** Lists that are scored by what comes next are written in their own time. */
const isSource = (topic: string) => (sourceTopics as readonly string[]).includes(topic)

interface Exported {
  readonly session: { readonly plays: number } | null
  readonly affinity: unknown
  readonly profile: { readonly plays: number } | null
  readonly sharing: { readonly name: string } | null
  readonly days: unknown[]
  readonly events: { readonly topic: string; readonly event: { readonly user_id: string; readonly track_id: string } }[]
}

t.test('a listener takes their data with them, and is forgotten; the others are not', async t => {
  const SEGUE_DATA_DIR = temporary(t)
  const environment = { SEGUE_DATA_DIR, PORT: '0', SEGUE_SIMULATOR: 'off', LOG_LEVEL: 'silent' }
  const start = () => startSegue(readConfig(environment))
  let running = await start()
  t.teardown(() => running.close())
  const now = Date.now()
  const event = (user_id: string, track_id: string, minutes: number) => ({
    topic: 'spotify-plays',
    event: {
      event_id: `${user_id} ${track_id}`,
      user_id,
      track_id,
      track_name: track_id,
      artist_name: 'Artist',
      occurred_at: now - minutes * 60_000
    }
  })
  const send = async (...events: unknown[]) => {
    const headers = { 'content-type': 'application/x-ndjson' }
    const body = `${events.map(one => JSON.stringify(one)).join('\n')}\n`
    t.equal((await fetch(`${running.url}/v1/ingest`, { method: 'POST', headers, body })).status, 200)
  }
  const status = async (path: string) => (await fetch(`${running.url}/v1/users/${path}`)).status
  const until = async (path: string, wanted: number) => {
    while ((await status(path)) !== wanted) await sleep(50)
  }
  await send(event('ann', 'a', 50), event('ann', 'b', 40), event('ann|2', 'a', 40), event('bob', 'a', 30), event('bob', 'b', 20))
  for (const user of ['ann', 'ann|2', 'bob']) await until(`${encodeURIComponent(user)}/days`, 200)

  const get = async (path: string) => (await (await fetch(`${running.url}/v1/${path}`)).text()) as string
  const sharing = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ shares: true, name: 'Ann A.' }) }
  t.equal((await fetch(`${running.url}/v1/users/ann/sharing`, sharing)).status, 200)
  const shown = async () => ({
    board: (await get('leaderboards/listeners')).includes('"ann"'),
    similar: (await get('users/bob/similar')).includes('"ann"'),
    compared: (await fetch(`${running.url}/v1/users/bob/compare/ann`)).status,
    shares: (await get('users/ann/sharing')).includes('Ann A.')
  })
  const untilShown = async (wanted: unknown) => {
    while (!isDeepStrictEqual(await shown(), wanted)) await sleep(50)
  }
  await untilShown({ board: true, similar: true, compared: 200, shares: true })

  const exported = await segue(['export', 'ann'], environment)
  const mine = JSON.parse(exported.stdout) as Exported
  t.equal(mine.session?.plays, 2)
  t.ok(mine.affinity)
  t.equal(mine.profile?.plays, 2)
  t.equal(mine.sharing?.name, 'Ann A.')
  const day = (minutes: number) => new Date(now - minutes * 60_000).toISOString().slice(0, 10)
  t.equal(mine.days.length, new Set([day(50), day(40)]).size)
  t.strictSame(
    mine.events.filter(({ topic }) => isSource(topic)).map(({ topic, event }) => event.track_id ?? topic),
    ['a', 'b', 'sharing']
  )
  t.ok(mine.events.every(({ event }) => event.user_id === 'ann'))

  t.match(await segue(['erase', 'ann', '--confirm', 'anne'], environment), { code: 1, stderr: /give the same id twice/ })
  t.equal(await status('ann/session'), 200)
  t.match(await segue(['erase', 'ann', '--confirm', 'ann'], environment), { code: 0 })
  for (const part of ['session', 'affinity', 'days', 'analytics']) await until(`ann/${part}`, 404)
  await untilShown({ board: false, similar: false, compared: 404, shares: false })
  t.ok(true, 'gone from leaderboards, similar listeners and comparisons')
  const after = JSON.parse((await segue(['export', 'ann'], environment)).stdout) as Exported
  t.match(after, { session: null, affinity: null, profile: null, sharing: null, days: [] })
  t.equal((await (await fetch(`${running.url}/v1/users`)).text()).includes('"ann"'), false)
  for (const user of ['ann|2', 'bob'])
    for (const part of ['session', 'affinity', 'days']) t.equal(await status(`${encodeURIComponent(user)}/${part}`), 200)

  await running.close()
  running = await start()
  await send(event('ann', 'c', 1))
  await until('ann/session', 200)
  const anew = JSON.parse((await segue(['export', 'ann'], environment)).stdout) as Exported
  t.equal(anew.session?.plays, 1, 'who comes back begins anew, also after a restart')
})
