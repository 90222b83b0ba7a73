import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Summary } from '../../../tools/reconcile/run.js'
import { requirePython } from '../../batch/support.js'
import { ingest, start } from '../../product/instance.js'
import { listening } from '../../product/listening.js'
import { fixture, segue, temporary } from '../../product/run.js'
import { TASKS } from '../application.js'
import { unique } from '../harness.js'

if (requirePython(t, 'dbt'))
  t.test('instances that share the work rest at one cut, and go on; without one of them nothing is compared', async t => {
    const SEGUE_LAKE = join(temporary(t), 'lake')
    const common = {
      SEGUE_MODE: 'kafka',
      SEGUE_APPLICATION_ID: unique('reconcile'),
      SEGUE_LAKE,
      S3_BUCKET: '',
      KAFKA_SESSION_TIMEOUT_MS: '45000'
    }
    const [one, two] = [temporary(t), temporary(t)].map(SEGUE_DATA_DIR => ({ ...common, SEGUE_DATA_DIR }))
    const first = await start(t, one!)
    t.equal(await ingest(first.url, readFileSync(fixture('awkward.jsonl'), 'utf8').trim().split('\n')), 200)
    const second = await start(t, two!)
    const shared = async (url: string) => {
      const { tasks } = (await (await fetch(`${url}/v1/topology`)).json()) as { tasks: { state: string }[] }
      return tasks.filter(({ state }) => state === 'running').length
    }
    while (
      !((await shared(first.url)) > 0 && (await shared(second.url)) > 0 && (await shared(first.url)) + (await shared(second.url)) === TASKS)
    )
      await sleep(100)

    let sending = true
    const load = (async () => {
      for (let seed = 4; sending; seed++) {
        const status = await ingest(first.url, listening(20, seed))
        if (status !== 200) t.equal(status, 200, 'events are taken')
        await sleep(100)
      }
    })()
    const { code, stdout, stderr } = await segue(['reconcile'], one)
    t.equal(code, 0, `${stderr}${stdout}`)
    const reports = join(one!.SEGUE_DATA_DIR, 'reconciliations')
    const summaryOf = (id: string) => JSON.parse(readFileSync(join(reports, id, 'summary.json'), 'utf8')) as Summary
    const [id] = readdirSync(reports)
    t.match(summaryOf(id!), { verdict: 'equal', differences: 0 })
    t.comment(`paused for ${summaryOf(id!).pause_ms} ms`)

    // Stopped, it answers nobody, and still has its tasks.
    second.process.kill('SIGSTOP')
    const without = await segue(['reconcile', '--max-pause', '3000'], one)
    second.process.kill('SIGCONT')
    t.equal(without.code, 2, without.stderr)
    t.match(without.stderr, /No instance that was asked has /)
    sending = false
    await load
    await first.settled()
    t.pass('the stream has gone on')
    for (const { process, ended } of [first, second]) {
      process.kill('SIGTERM')
      await ended
    }
  })
