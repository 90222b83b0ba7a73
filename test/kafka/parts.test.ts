import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Journey } from '../../api/diagnosis.js'
import { projectRoot } from '../../schemas/root.js'
import { startStack } from '../../tools/stack/stack.js'
import { parseMetrics, type Scraped, until } from '../observe/support.js'
import { ingest } from '../product/instance.js'
import { listening } from '../product/listening.js'
import { segue, temporary } from '../product/run.js'
import { unique } from './harness.js'

interface Part {
  readonly url: string
  readonly opsUrl: string
  metrics(): Promise<Scraped>
  /** Sends a signal; resolves to the exit code. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** `segue start --only PART`: resolves when it says where it is observed. */
async function start(t: Test, parts: readonly string[], environment: Record<string, string>): Promise<Part> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/tools/segue.js'), 'start', '--only', ...parts], {
    env: { ...process.env, ...environment, SEGUE_OPS_LISTEN: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exited = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await until(() => /health are at http/.test(output) || child.exitCode !== null, 240_000).catch(() => {
    throw new Error(`${parts.join()} does not start: ${output}`)
  })
  const opsUrl = /health are at (http:\/\/[\d.:]*\d)/.exec(output)?.[1]
  if (opsUrl === undefined) throw new Error(`${parts.join()} ended with ${child.exitCode}: ${output}`)
  return {
    url: /listening on (http:\/\/\S+)/.exec(output)?.[1] ?? '',
    opsUrl,
    metrics: async () => parseMetrics(await (await fetch(`${opsUrl}/metrics`)).text()),
    end: async signal => {
      child.kill(signal)
      await exited
      return child.exitCode
    }
  }
}

const ask = async <T = unknown>(url: string, options: RequestInit = {}) => (await (await fetch(url, options)).json()) as T

/** Through the part that answers, which reads the topics that another part has written. */
async function diagnosed(t: Test, { url }: Part, id: string, play: { event_id: string; user_id: string }): Promise<void> {
  const operations = `${url}/v1/operations`
  const find = () => ask<Journey>(`${operations}/journeys/${play.event_id}?user_id=${play.user_id}`)
  const shown = ({ view, neighbours }: Journey) =>
    neighbours !== null && view.some(({ topic, offset }) => topic === 'track-neighbours' && offset > neighbours.offset)
  // Its own tasks may be behind those of the listener who was waited for.
  await until(async () => shown(await find()))
  const journey = await find()
  t.match(journey, { verdict: 'accepted', raw: { topic: 'spotify-plays', event: play }, letter: null })
  t.match(journey, { clean: { topic: 'listening-events' }, session: { published: { topic: 'user-sessions' } } })
  t.ok(journey.pairs.length > 0, 'with the pairs that it made')

  const occurred_at = Math.floor(Math.random() * 1e11)
  const event = { event_id: `${id}-wrong`, user_id: `${id}-wrong`, track_id: 'a', track_name: 'A', artist_name: 'A', occurred_at }
  t.equal(await ingest(url, [JSON.stringify({ topic: 'spotify-plays', event })]), 200)
  const time = new Date(occurred_at).toISOString()
  const letters = async () => {
    const { letters } = await ask<{ letters: { id: string; reason: string }[] }>(`${operations}/dead-letters?code=BAD_TIME&limit=50`)
    return letters.filter(({ reason }) => reason.includes(time)).map(({ id }) => id)
  }
  await until(async () => (await letters()).length === 1)
  const ids = await letters()
  t.match(await ask(`${operations}/dead-letters/${ids[0]}`), { key: event.user_id, event })
  const headers = { 'content-type': 'application/json' }
  const sent = await ask(`${operations}/dead-letters/retry`, { method: 'POST', headers, body: JSON.stringify({ ids }) })
  t.strictSame(sent, { sent: ids })
  await until(async () => (await letters()).length === 2)
  const both = await letters()
  t.ok(both.includes(ids[0]!) && both.every(letter => letter.startsWith('spotify-plays-')), 'it is judged anew')
}

const statusOf = async (url: string) => (await fetch(url)).status
const ready = (part: Part) => until(async () => (await statusOf(`${part.opsUrl}/readyz`)) === 200)

t.test('each part in a process of its own: they make one Segue, and one that dies is missed by its metrics alone', async t => {
  const redis = await startStack({ dir: temporary(t), parts: ['redis'], ports: 'free', bound: true })
  t.teardown(() => redis.stop())
  const lakeDir = temporary(t)
  const id = unique('parts')
  const common = {
    ...{ SEGUE_MODE: 'kafka', SEGUE_APPLICATION_ID: id, SEGUE_LAKE: lakeDir, LAKE_FILE_AGE_MS: '500', PORT: '0', LOG_LEVEL: 'warn' },
    ...{ ...redis.environment, SPOTIFY_CLIENT_ID: 'an app', KAFKA_SESSION_TIMEOUT_MS: '6000' }
  }
  const of = (directory: string) => ({ ...common, SEGUE_DATA_DIR: directory })
  const [apiDir, stateDir] = [temporary(t), temporary(t)]
  const [api, lake, poller, processors] = await Promise.all([
    start(t, ['api'], of(apiDir)),
    start(t, ['lake'], of(temporary(t))),
    start(t, ['poller'], of(apiDir)),
    start(t, ['processors'], of(stateDir))
  ])
  await Promise.all([api, lake, poller, processors].map(ready))
  for (const part of [lake, poller, processors]) t.equal(part.url, '', 'only the API listens for callers')

  const lines = listening(400, 77).map(line => line.replaceAll('listener-', `${id}-`))
  t.equal(await ingest(api.url, lines.slice(0, 200)), 200)
  const user = JSON.parse(lines[0]!).event.user_id as string
  const days = async () => (await (await fetch(`${api.url}/v1/users/${user}/days`)).json()) as { days?: { plays: number }[] }
  const playsOf = async () => ((await days()).days ?? []).reduce((sum, { plays }) => sum + plays, 0)
  const expected = (count: number) => lines.slice(0, count).filter(line => JSON.parse(line).event.user_id === user).length
  await until(async () => (await playsOf()) === expected(200))

  await diagnosed(t, api, id, JSON.parse(lines[100]!).event)
  const [ofApi, ofLake, ofPoller, ofProcessors] = await Promise.all([api, lake, poller, processors].map(part => part.metrics()))
  t.equal(ofProcessors!.value('segue_task_state', { state: 'running' }), ofProcessors!.value('segue_topology_tasks'))
  t.ok(ofProcessors!.value('segue_records_processed_total', { sub_topology: 'listeners' })! >= 200)
  t.ok(ofProcessors!.value('segue_view_age_seconds') !== undefined)
  t.equal(ofApi!.value('segue_task_state'), undefined)
  t.ok(ofApi!.value('segue_http_request_duration_seconds_count', { route: '/v1/ingest', status: 200 })! >= 1)
  t.ok(ofLake!.value('segue_lake_lag_records') !== undefined)
  t.equal(ofPoller!.value('segue_spotify_accounts', { status: 'connected' }), 0)

  await processors.end('SIGKILL')
  t.equal(await ingest(api.url, lines.slice(200)), 200, 'what arrives meanwhile is taken')
  t.equal(await playsOf(), expected(200), 'and answers are those of before')
  t.equal(await statusOf(`${api.opsUrl}/healthz`), 200)
  const heir = await start(t, ['processors'], of(stateDir))
  await until(async () => (await playsOf()) === expected(400))
  await ready(heir)
  await until(async () => (await heir.metrics()).value('segue_lag_records') === 0)

  await until(async () => (await lake.metrics()).value('segue_lake_lag_records') === 0)
  t.match((await segue(['lake', 'verify'], of(temporary(t)))).stdout, /every offset once, every file intact/)
  t.strictSame(await Promise.all([api, lake, poller, heir].map(part => part.end('SIGTERM'))), [0, 0, 0, 0])
})

t.test('parts need a log that many can open', async t => {
  const refused = await segue(['start', '--only', 'api', 'lake'], { SEGUE_MODE: 'embedded', SEGUE_DATA_DIR: temporary(t) })
  t.equal(refused.code, 1)
  t.match(refused.stderr, /SEGUE_PARTS needs SEGUE_MODE=kafka/)
  const unknown = await segue(['start', '--only', 'lakes'], { SEGUE_MODE: 'kafka', SEGUE_DATA_DIR: temporary(t) })
  t.match(unknown.stderr, /SEGUE_PARTS names lakes: give all, or some of processors, api/)
})
