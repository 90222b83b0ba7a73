import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { projectRoot } from '../../../schemas/root.js'
import { freePort } from '../../../tools/stack/ports.js'
import { listening } from '../../product/listening.js'
import { CLIENT_ID, FakeSpotify } from '../../spotify/fake.js'
import { Shell } from '../shell.js'

t.test('Segue started, asked, and its listeners forgotten', async t => {
  const spotify = await FakeSpotify.listen()
  t.teardown(() => spotify.close())
  const PORT = String(await freePort())
  const here = { '127.0.0.1:3000': `127.0.0.1:${PORT}` }
  const shell = new Shell(t, 'full/running', { PORT, SPOTIFY_API_URL: spotify.url, SPOTIFY_ACCOUNTS_URL: spotify.url })
  shell.set({ SEGUE_LAKE: join(shell.directory, 'lake'), LOG_LEVEL: 'warn' })
  cpSync(join(projectRoot, 'test/fixtures/export/account'), join(shell.directory, 'my_spotify_data'), { recursive: true })
  const of = (user_id: string) => {
    const { topic, event } = JSON.parse(listening(1, 5)[0]!) as { topic: string; event: object }
    return JSON.stringify({ topic, event: { ...event, event_id: `of ${user_id}`, user_id } })
  }
  writeFileSync(join(shell.directory, 'event.jsonl'), `${of('ann')}\n${of('bob')}\n`)

  await shell.ends('npx segue import my_spotify_data --user me', /[1-9]\d* published/)
  await shell.exports('export SPOTIFY_CLIENT_ID=...', { '...': CLIENT_ID })
  spotify.listener('ann')
  const connecting = await shell.starts('npx segue spotify connect', /agree:\nhttp\S+\n/)
  const [, address] = /agree:\n(\S+)/.exec(connecting.output())!
  t.equal((await fetch(spotify.consent(address!, 'ann'))).status, 200)
  t.equal(await connecting.ended, 0)
  t.match(connecting.output(), /Connected: ann/)

  const segue = await shell.starts('npx segue start --no-simulator', /listening on http/)
  const ingest =
    "curl -X POST http://127.0.0.1:3000/v1/ingest -H 'content-type: application/x-ndjson' -H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' --data-binary @event.jsonl"
  await shell.ends(ingest, /"accepted":2/, here)
  const status = async (user: string) => (await fetch(`http://127.0.0.1:${PORT}/v1/users/${user}/days`)).status
  const until = async (user: string, wanted: number) => {
    while ((await status(user)) !== wanted) await sleep(50)
  }
  await until('ann', 200)
  await until('bob', 200)
  const ask = "curl 'http://127.0.0.1:3000/v1/recommendations?user_id=USER&limit=5'"
  await shell.ends(ask, /"recommendations":\[/, { ...here, USER: 'me' })
  await shell.ends('npx segue erase ann --confirm ann', /ann/)
  await until('ann', 404)
  t.equal(await status('bob'), 200, 'the others are still there')
  t.equal(await segue.end(), 0)

  await shell.ends('npx segue lake flush && npx segue lake erase', /./)
  await shell.ends('npx segue lake erase', /./)
  await shell.ends('npx segue replay --from-lake --data-dir new --execute', /are in the topics again/)
  const anew = await shell.starts('npx segue start --data-dir new', /listening on http/)
  t.equal(await anew.end(), 0)
  const simulated = await shell.starts('npx segue start', /listening on http/)
  t.equal(await simulated.end(), 0)
  shell.complete()
})
