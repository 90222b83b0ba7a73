import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { start } from './instance.js'
import { fixture, segue, temporary } from './run.js'

const expected = JSON.parse(readFileSync(fixture('awkward.expected.json'), 'utf8')) as Dump

t.test('from the log to the lake, and back: the rebuilt state is the same', async t => {
  const directory = temporary(t)
  const SEGUE_LAKE = join(directory, 'lake')
  const first = { SEGUE_DATA_DIR: join(directory, 'first'), SEGUE_LAKE }
  const second = { SEGUE_DATA_DIR: join(directory, 'second'), SEGUE_LAKE }
  const ok = async (args: string[], environment: Record<string, string>) => {
    const { code, stdout, stderr } = await segue(args, environment)
    t.equal(code, 0, `${args.join(' ')}: ${stderr}`)
    return stdout
  }
  await ok(['produce', fixture('awkward.jsonl')], first)
  await ok(['lake', 'flush'], first)
  t.match(await ok(['lake', 'verify'], first), /3000 rows, every offset once, every file intact\./)
  t.match(await ok(['lake', 'ls'], first), /spotify_plays +\d{4}-\d\d-\d\d +3 files/)
  t.match(await ok(['lake', 'ls', '--files', '--table', 'spotify_likes'], first), /lake\/bronze\/spotify_likes\/year=/)
  t.match(await ok(['replay', '--from-lake'], second), /Nothing was changed/)
  t.match(await ok(['replay', '--from-lake', '--execute'], second), /3000 records are in the topics again/)
  t.same(differences(expected, JSON.parse(await ok(['dump'], second)) as Dump), [])
  await ok(['produce', fixture('hand.jsonl')], second)
  await ok(['lake', 'flush'], second)
  t.match(await ok(['lake', 'verify'], second), /every offset once, every file intact\./)
  const again = await segue(['replay', '--from-lake', SEGUE_LAKE], { ...first, SEGUE_LAKE: 'off' })
  t.equal(again.code, 1)
  t.match(again.stderr, /is not empty/)
})

t.test('a running instance flushes its lake when it is asked, and stops with it', async t => {
  const SEGUE_DATA_DIR = temporary(t)
  const instance = await start(t, { SEGUE_DATA_DIR })
  t.equal((await segue(['produce', fixture('hand.jsonl')], { SEGUE_DATA_DIR })).code, 0)
  t.match((await segue(['lake', 'verify'], { SEGUE_DATA_DIR })).stdout, /^0 rows/, 'what is young waits')
  const { code, stderr } = await segue(['lake', 'flush'], { SEGUE_DATA_DIR })
  t.equal(code, 0, stderr)
  t.match((await segue(['lake', 'verify'], { SEGUE_DATA_DIR })).stdout, /[1-9]\d* rows, every offset once/)
  instance.process.kill('SIGTERM')
  t.match(await instance.ended, { code: 0 })
})
