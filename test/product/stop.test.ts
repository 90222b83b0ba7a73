import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { ingest, start } from './instance.js'
import { listening } from './listening.js'
import { segue, temporary } from './run.js'

const dumpOf = async (environment: Record<string, string>, ...args: string[]): Promise<Dump> => {
  const { code, stdout, stderr } = await segue(['dump', ...args], environment)
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Dump
}

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  t.test(`${signal} under load: what was acknowledged is committed, and the exit code is 0`, async t => {
    const SEGUE_DATA_DIR = temporary(t)
    const lines = listening(3_000)
    const instance = await start(t, { SEGUE_DATA_DIR })
    let acknowledged = 0
    for (let sent = 0, refused = false; sent < lines.length && !refused; sent += 100) {
      if (sent === 1_000) instance.process.kill(signal)
      refused = (await ingest(instance.url, lines.slice(sent, sent + 100))) !== 200
      if (!refused) acknowledged += 100
    }
    const { code, stderr } = await instance.ended
    t.equal(code, 0, stderr)
    t.ok(acknowledged >= 1_000)
    const stopped = await dumpOf({ SEGUE_DATA_DIR })
    t.ok(stopped.accepted.play! >= acknowledged, `${acknowledged} were acknowledged, ${stopped.accepted.play} are there`)
    t.equal(stopped.duplicates, 0, 'nothing is processed twice')

    const file = join(SEGUE_DATA_DIR, 'lines.jsonl')
    writeFileSync(file, lines.slice(0, stopped.accepted.play).join('\n'))
    t.same(differences(await dumpOf({}, '--input', file), stopped), [], 'it is what an undisturbed run computes')
  })

t.test('a second signal ends it at once', async t => {
  const instance = await start(t, { SEGUE_DATA_DIR: temporary(t) })
  // Half a request keeps the first signal waiting.
  const socket = connect(Number(new URL(instance.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write('POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: 9\r\n\r\n{')
  t.equal((await fetch(`${instance.url}/healthz`)).status, 200)
  instance.process.kill('SIGTERM')
  for (;;) {
    const refused = await fetch(`${instance.url}/healthz`).then(
      () => false,
      () => true
    )
    if (refused) break
  }
  instance.process.kill('SIGTERM')
  t.equal((await instance.ended).code, 128 + 15)
  socket.destroy()
})
