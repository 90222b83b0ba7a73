import { readFileSync } from 'node:fs'
import t from 'tap'
import { fixture, segue, temporary } from './run.js'

t.test('lag, inspect, dlq, reset and replay of a stopped instance', async t => {
  const SEGUE_DATA_DIR = temporary(t)
  const run = (...args: string[]) => segue(args, { SEGUE_DATA_DIR })
  await run('produce', fixture('awkward.jsonl'))
  t.match((await run('inspect', 'affinity', 'user16')).stderr, /nothing has been processed yet/)
  t.match((await run('lag')).stdout, /all +3000\n/)
  const before = (await run('dump')).stdout
  t.match((await run('lag')).stdout, /all +0\n/)

  const inspected = await run('inspect', 'affinity', 'user16')
  t.match(inspected.stderr, /affinity, task listeners-\d/)
  t.ok(JSON.parse(inspected.stdout))
  t.equal((await run('inspect', 'affinity', 'nobody')).code, 1)
  const day = await run('inspect', 'user-days', 'user16', '--window', String(dayOf('user16')))
  t.ok(JSON.parse(day.stdout).plays > 0)
  t.equal((await run('inspect', 'user-days', 'user16')).code, 1, 'that day is long ago')
  t.match((await run('inspect', 'paper', 'x')).stderr, /There is no store paper: there are /)

  const expected = JSON.parse(readFileSync(fixture('awkward.expected.json'), 'utf8')) as { rejected: Record<string, number> }
  const letters = Object.values(expected.rejected).reduce((sum, count) => sum + count, 0)
  const list = (await run('dlq', 'list')).stdout
  t.match(list, new RegExp(`\n${letters} dead letters`))
  const id = list.split(' ')[0]!
  t.match(JSON.parse((await run('dlq', 'show', id)).stdout), { id, topic: String, value: {} })
  t.match((await run('dlq', 'retry', id)).stdout, /1 records would be sent again/)
  t.match((await run('dlq', 'retry')).stderr, /Say which/)

  t.match((await run('replay')).stderr, /Give one of --to-earliest/)
  t.match(
    (await run('replay', '--to-offset', '3', '--topic', 'spotify-plays:0')).stdout,
    /spotify-plays +0 +\d+ +3 +\d+\nspotify-plays +1 +\d+ +0 /
  )
  t.match(
    (await run('replay', '--to-earliest', '--sub-topology', 'tracks')).stderr,
    /tracks can't be computed again alone|Nothing was changed/
  )
  t.match((await run('reset')).stdout, /Nothing was changed/)
  t.match((await run('lag')).stdout, /all +0\n/)
  t.match((await run('reset', '--execute')).stdout, /Done/)
  t.match((await run('lag')).stdout, /all +3000\n/)
  t.equal((await run('dump')).stdout, before, 'replayed from the beginning, the state is the same')
})

/** The day, since 1970, with the most plays of a listener. */
function dayOf(user: string): number {
  const counts = new Map<number, number>()
  for (const line of readFileSync(fixture('awkward.jsonl'), 'utf8').trim().split('\n')) {
    const { topic, event } = JSON.parse(line) as { topic: string; event?: { user_id: string; occurred_at: number } }
    if (topic !== 'spotify-plays' || event?.user_id !== user) continue
    const day = Math.floor(event.occurred_at / 86_400_000)
    counts.set(day, (counts.get(day) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0]
}
