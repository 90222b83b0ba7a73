import t from 'tap'
import { exchange } from '../../../tools/stack/exchange.js'
import { startStack } from '../../../tools/stack/stack.js'
import { parseMetrics, until } from '../../observe/support.js'
import { ingest, start } from '../../product/instance.js'
import { listening } from '../../product/listening.js'
import { temporary } from '../../product/run.js'
import { unique } from '../harness.js'

t.test('Redis is killed, comes back, and is flushed: the metrics tell, and the view is right again', async t => {
  const redis = await startStack({ dir: temporary(t), parts: ['redis'], ports: 'free', bound: true })
  t.teardown(() => redis.stop())
  const id = unique('redis')
  const instance = await start(t, {
    ...{ SEGUE_MODE: 'kafka', SEGUE_APPLICATION_ID: id, SEGUE_DATA_DIR: temporary(t), SEGUE_LAKE: 'off' },
    ...{ ...redis.environment, SEGUE_OPS_LISTEN: '127.0.0.1:0' }
  })
  const opsUrl = () => /health are at (http:\/\/[\d.:]*\d)/.exec(instance.output())?.[1]
  await until(() => opsUrl() !== undefined)
  const metrics = async () => parseMetrics(await (await fetch(`${opsUrl()}/metrics`)).text())
  const isUp = async () => (await metrics()).value('segue_collector_up', { collector: 'view-lag' })
  const lines = listening(200, 78).map(line => line.replaceAll('listener-', `${id}-`))
  t.equal(await ingest(instance.url, lines), 200)
  await instance.settled()
  const user = JSON.parse(lines[0]!).event.user_id as string
  const answer = async () => {
    const response = await fetch(`${instance.url}/v1/users/${user}/days`)
    return response.status === 200 ? ((await response.json()) as { days: unknown }).days : response.status
  }
  const before = await answer()
  t.equal(await isUp(), 1)
  t.equal((await metrics()).value('segue_view_lag_records'), 0)

  await redis.kill('redis')
  await until(async () => (await isUp()) === 0)
  await until(async () => ((await metrics()).value('segue_view_age_seconds', { topic: 'user-sessions' }) ?? 0) > 2)
  t.equal((await metrics()).value('segue_view_lag_records'), undefined, 'what the view lacks can not be told')
  t.equal((await metrics()).value('segue_lag_records'), 0, 'the tasks do not need it')
  await redis.start('redis')
  await until(async () => (await isUp()) === 1)
  await instance.settled()
  t.strictSame(await answer(), before)

  t.match((await exchange(Number(new URL(redis.addresses.redis!).port), 'FLUSHALL\r\n', 1)).toString(), '+OK')
  await until(async () => ((await metrics()).value('segue_view_lag_records') ?? 0) > 0)
  await until(async () => (await metrics()).value('segue_view_lag_records') === 0)
  t.strictSame(await answer(), before, 'it is filled again')
  instance.process.kill('SIGTERM')
  t.match(await instance.ended, { code: 0 })
})
