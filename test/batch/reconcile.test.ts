import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Verdict } from '../../api/reconciliation.js'
import { projectRoot } from '../../schemas/root.js'
import type { Summary } from '../../tools/reconcile/run.js'
import { ingest, start } from '../product/instance.js'
import { listening } from '../product/listening.js'
import { fixture, segue, temporary } from '../product/run.js'
import { corrupt } from './corrupt.js'
import { requirePython } from './support.js'

if (requirePython(t, 'dbt')) {
  t.test('damage in the stores is found and repaired, while events go on to come', async t => {
    const SEGUE_DATA_DIR = temporary(t)
    const environment = { SEGUE_DATA_DIR, SEGUE_LAKE: 'on', S3_BUCKET: '' }
    const first = await start(t, environment)
    t.equal(await ingest(first.url, readFileSync(fixture('awkward.jsonl'), 'utf8').trim().split('\n')), 200)
    await first.settled()

    t.equal((await segue(['erase', 'user3', '--confirm', 'user3'], environment)).code, 0)
    t.equal(await killedInTheCut(environment), 'SIGKILL')
    t.equal(await ingest(first.url, listening(50, 3)), 200)
    await first.settled()
    t.pass('whoever dies in the middle of it does not stop the stream')

    const plays = async (url: string, track: string) =>
      ((await (await fetch(`${url}/v1/tracks/${track}`)).json()) as { plays: number }).plays
    first.process.kill('SIGTERM')
    await first.ended
    const { differences, track, plays: right } = await corrupt(SEGUE_DATA_DIR)
    const second = await start(t, environment)

    let sending = true
    const load = (async () => {
      for (let seed = 4; sending; seed++) {
        const status = await ingest(second.url, listening(20, seed))
        if (status !== 200) t.equal(status, 200, 'events are taken')
        await sleep(100)
      }
    })()
    const { code, stdout, stderr } = await segue(['reconcile', '--repair'], environment)
    sending = false
    await load
    t.equal(code, 0, `${stderr}${stdout}`)
    const reports = join(SEGUE_DATA_DIR, 'reconciliations')
    const summaries = readdirSync(reports)
      .sort()
      .slice(-2)
      .map(id => JSON.parse(readFileSync(join(reports, id, 'summary.json'), 'utf8')) as Summary)
    t.match(
      summaries.map(({ verdict }) => verdict),
      ['different', 'equal']
    )
    const found = Object.entries(summaries[0]!.sections).map(([name, section]) => [name, section.differences])
    t.strictSame(Object.fromEntries(found), differences, 'all that was changed, and nothing else')
    const cuts = summaries.map(({ cut }) => Object.values(cut['spotify-plays']!).reduce((sum, offset) => sum + offset, 0))
    t.ok(cuts[0]! < cuts[1]!, `more had come in between: ${cuts.join(', ')}`)

    t.equal(summaries[1]!.forgotten, 1, 'who was forgotten is not compared')

    const page = readFileSync(join(reports, summaries[0]!.id, 'report.html'), 'utf8')
    t.match(page, /class="number bad">\d+</)
    t.match(page, new RegExp(track))
    const { reconciliations } = (await (await fetch(`${second.url}/v1/operations/reconciliations`)).json()) as {
      reconciliations: Verdict[]
    }
    t.match(reconciliations.slice(0, 2), [
      { verdict: 'equal', repaired: true, differences: 0 },
      { verdict: 'different', repaired: false, reason: null }
    ])
    await second.settled()
    t.equal(await plays(second.url, track), right, 'what is published is right again')
    second.process.kill('SIGTERM')
    t.match(await second.ended, { code: 0 })
  })

  t.test('what can not be done is said, and is not the same as a difference', async t => {
    const { code, stderr } = await segue(['reconcile'], { SEGUE_DATA_DIR: temporary(t), SEGUE_LAKE: 'off' })
    t.equal(code, 2)
    t.match(stderr, /Stream and batch were not compared\. SEGUE_LAKE is off/)
  })
}

/** Begins a reconciliation and kills it as soon as the stream is asked to rest. */
async function killedInTheCut(environment: Record<string, string>): Promise<string | null> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/tools/segue.js'), 'reconcile', '--max-pause', '2000'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  for await (const text of child.stderr.setEncoding('utf8')) if (String(text).includes('The cut is taken')) break
  await sleep(20)
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.signalCode
}
