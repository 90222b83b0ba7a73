import t from 'tap'
import { BadDifferenceError, type Difference, ReconciliationRefused } from '../../api/reconciliation.js'
import { fixture, reconciliation } from './support.js'

t.test('the verdicts, the latest first', async t => {
  const { app } = await fixture()
  const { reconciliations } = (await app.inject('/operations/reconciliations?limit=1')).json<{ reconciliations: object[] }>()
  t.match(reconciliations, [{ verdict: 'equal', differences: 0, pause_ms: 40 }])
  t.equal(reconciliations.length, 1)
  t.equal((await app.inject('/operations/reconciliations?limit=31')).statusCode, 400)
})

t.test('a cut, for callers on this machine', async t => {
  const steps: unknown[] = []
  const repair = async (differences: readonly Difference[]) => void steps.push(differences)
  const hold = async (ms: number) => {
    steps.push(ms)
    return reconciliation().hold(ms)
  }
  const { app } = await fixture({ reconciliation: reconciliation({ hold, repair, drop: async () => void steps.push('drop') }) })
  const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object, remoteAddress = '127.0.0.1') =>
    app.inject({ method, url: `/v1/operations/cut${path}`, remoteAddress, ...(payload && { payload }) })
  t.match((await ask('POST', '', { max_pause_ms: 500 })).json(), { offsets: [{ topic: 'spotify-plays', partition: 0, offset: 7 }] })
  t.equal((await ask('POST', '/snapshot')).statusCode, 200)
  t.strictSame((await ask('POST', '/resume')).json(), { held: true, pausedMs: 40 })
  const rows = await ask('GET', '/rows/charts')
  t.match([rows.headers['content-type'], rows.body], ['application/x-ndjson; charset=utf-8', '{"table":"charts"}\n'])
  t.equal((await ask('GET', '/rows/passwords')).statusCode, 400)
  t.strictSame((await ask('POST', '/lake')).json(), { offsets: [{ topic: 'spotify-plays', partition: 0, offset: 7 }] })
  const difference = { section: 'pairs', keys: ['a', 'b'], stream: { weight: 0.1 }, batch: { together: 2, weight: 0.5 } }
  t.equal((await ask('POST', '/repairs', { differences: [difference] })).statusCode, 204)
  t.equal((await ask('DELETE', '')).statusCode, 204)
  t.strictSame(steps, [500, [difference], 'drop'])

  t.equal((await ask('POST', '', { max_pause_ms: 3_600_000 })).statusCode, 400, 'nobody stops the stream for an hour')
  t.equal((await ask('POST', '', undefined)).statusCode, 400)
  t.equal((await ask('POST', '/repairs', { differences: [{ ...difference, section: 'passwords' }] })).statusCode, 400)
  for (const [method, path] of [
    ['POST', ''],
    ['POST', '/snapshot'],
    ['POST', '/resume'],
    ['GET', '/rows/charts'],
    ['POST', '/lake'],
    ['POST', '/repairs'],
    ['DELETE', '']
  ] as const)
    t.equal((await ask(method, path, undefined, '192.0.2.7')).statusCode, 403, `${method} ${path}`)
})

t.test('a step that is refused says why', async t => {
  const refused = () => {
    throw new ReconciliationRefused('Another reconciliation is at work here.')
  }
  const { app } = await fixture({ reconciliation: reconciliation({ hold: async () => refused(), rows: refused }) })
  const held = await app.inject({ method: 'POST', url: '/v1/operations/cut', payload: { max_pause_ms: 500 } })
  t.match(held.json(), { status: 409, detail: 'Another reconciliation is at work here.' })
  t.equal((await app.inject('/v1/operations/cut/rows/charts')).statusCode, 409)
  const bad = reconciliation({ repair: () => Promise.reject(new BadDifferenceError('A difference of pairs has 1 keys: give 2.')) })
  const difference = { section: 'pairs', keys: ['a'], stream: {}, batch: {} }
  const repair = { method: 'POST', url: '/v1/operations/cut/repairs' } as const
  const answer = await (await fixture({ reconciliation: bad })).app.inject({ ...repair, payload: { differences: [difference] } })
  t.match(answer.json(), { status: 400, detail: 'A difference of pairs has 1 keys: give 2.' })
  const failing = reconciliation({ flushLake: () => Promise.reject(new Error('The bucket is gone.')) })
  const { app: other } = await fixture({ reconciliation: failing })
  t.match((await other.inject({ method: 'POST', url: '/v1/operations/cut/lake' })).json(), {
    status: 503,
    detail: 'The lake could not be written: The bucket is gone.'
  })
})
