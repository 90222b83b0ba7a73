import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../schemas/root.js'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { fixture, segue, temporary } from './run.js'

for (const name of ['hand', 'awkward'])
  for (const store of ['lmdb', 'level'])
    t.test(`segue dump --input ${name}.jsonl on ${store} prints what the vector expects`, async t => {
      const { code, stdout, stderr } = await segue(['dump', '--input', fixture(`${name}.jsonl`)], { SEGUE_STORE: store })
      t.equal(code, 0, stderr)
      t.same(differences(JSON.parse(readFileSync(fixture(`${name}.expected.json`), 'utf8')) as Dump, JSON.parse(stdout) as Dump), [])
    })

for (const how of ['interrupted', 'read in part'] as const)
  t.test(`segue dump --input leaves nothing behind when it is ${how}`, async t => {
    const TMPDIR = temporary(t)
    const args = [join(projectRoot, 'dist/tools/segue.js'), 'dump', '--input', fixture('awkward.jsonl')]
    const child = spawn(process.execPath, args, { env: { ...process.env, TMPDIR }, stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(child, 'exit')
    while (child.exitCode === null && readdirSync(TMPDIR).length === 0) await new Promise(resolve => setTimeout(resolve, 20))
    if (how === 'interrupted') child.kill('SIGINT')
    else child.stdout.destroy()
    t.same(await ended, [how === 'interrupted' ? 130 : 0, null])
    t.same(readdirSync(TMPDIR), [])
  })

t.test('produce, then dump of a stopped instance; produced again, only duplicates are counted', async t => {
  const SEGUE_DATA_DIR = temporary(t)
  const expected = JSON.parse(readFileSync(fixture('awkward.expected.json'), 'utf8')) as Dump
  t.equal((await segue(['produce', fixture('awkward.jsonl')], { SEGUE_DATA_DIR })).code, 0)
  const first = JSON.parse((await segue(['dump'], { SEGUE_DATA_DIR })).stdout) as Dump
  t.same(differences(expected, first), [])
  await segue(['produce', fixture('awkward.jsonl')], { SEGUE_DATA_DIR })
  const second = JSON.parse((await segue(['dump'], { SEGUE_DATA_DIR })).stdout) as Dump
  const accepted = Object.values(expected.accepted).reduce((sum, count) => sum + count, 0)
  const rejected = Object.fromEntries(Object.entries(expected.rejected).map(([code, count]) => [code, count * 2]))
  t.same(differences({ ...expected, duplicates: 2 * expected.duplicates + accepted, rejected }, second), [])
})

t.test('topology, help, and mistakes in sentences', async t => {
  t.match((await segue(['topology'])).stdout, /Sub-topology listeners \(3 tasks\)/)
  t.match((await segue(['topology', '--mermaid'])).stdout, /^flowchart LR/)
  const help = await segue(['--help'])
  for (const command of ['start', 'simulate', 'import', 'produce', 'topology', 'dump', 'evaluate']) t.match(help.stdout, command)
  const bad = await segue(['dump'], {
    PORT: 'many',
    SEGUE_STORE: 'paper',
    HOST: '0.0.0.0',
    SCHEMA_REGISTRY_URL: 'http://me:geheim@far.example'
  })
  t.equal(bad.code, 1)
  for (const sentence of [
    /PORT is "many": give a whole number/,
    /SEGUE_STORE is "paper": give lmdb or level/,
    /HOST is 0.0.0.0: without sign-in/,
    /SCHEMA_REGISTRY_URL holds a user name: give it as SCHEMA_REGISTRY_USER/
  ])
    t.match(bad.stderr, sentence)
  t.notMatch(bad.stderr, 'geheim')
  for (const [command, sentence] of [
    ['produce /nowhere/events.jsonl', '/nowhere/events.jsonl does not exist: check the path.'],
    ['dump --input /nowhere/events.jsonl', '/nowhere/events.jsonl does not exist: check the path.'],
    ['evaluate /nowhere/events.jsonl /nowhere/targets.jsonl', '/nowhere/targets.jsonl does not exist: check the path.'],
    ['import /nowhere --user me', 'There is no /nowhere.'],
    ['simulate --from 2005-12-31 --days 1', 'Events of 2005-12-31 would be rejected: simulate days from 2006-01-01 on.'],
    ['simulate --from yesterday', '"yesterday" is not a day: write it as in 2026-01-31.']
  ] as const) {
    const { code, stderr } = await segue(command.split(' '), { SEGUE_DATA_DIR: temporary(t) })
    t.same([code, stderr], [1, `${sentence}\n`], command)
  }
  const example = /^ {2}A line: (\{.*?\}\})$/ms.exec((await segue(['produce', '--help'])).stdout)![1]!.replace(/\s*\n\s*/g, ' ')
  const shown = join(temporary(t), 'example.jsonl')
  writeFileSync(shown, example)
  t.match((await segue(['produce', shown], { SEGUE_DATA_DIR: temporary(t) })).stdout, /^1 events sent, 0 bad lines/, "the help's example")
  const directory = temporary(t)
  const lines = join(directory, 'lines.jsonl')
  writeFileSync(lines, '{"topic":"spotify-plays","event":{}}\nnot json\n')
  const produced = await segue(['produce', lines], { SEGUE_DATA_DIR: directory })
  t.equal(produced.code, 1)
  t.match(produced.stderr, /line 1: .*event_id is missing/)
  t.match(produced.stderr, /line 2: /)
})

t.test('evaluate: targets are predicted before their event is learnt', async t => {
  const directory = temporary(t)
  const file = (name: string, lines: unknown[]) => {
    writeFileSync(join(directory, name), `${lines.map(line => JSON.stringify(line)).join('\n')}\n`)
    return join(directory, name)
  }
  const event = (user_id: string, track_id: string, minute: number) => ({
    user_id,
    track_id,
    artist_id: `by-${track_id}`,
    played_at: new Date(Date.UTC(2024, 0, 1, 0, minute)).toISOString()
  })
  // u1 plays a, b, c; u2 plays a: b and c follow a, b first. Then u2 plays b, then c.
  const events = [
    event('u1', 'a', 0),
    event('u1', 'b', 3),
    event('u1', 'c', 6),
    event('u2', 'a', 10),
    event('u2', 'b', 13),
    event('u2', 'c', 16)
  ]
  const out = join(directory, 'out.jsonl')
  const { code, stdout, stderr } = await segue([
    'evaluate',
    file('events', events),
    file('targets', [{ id: 0 }, { id: 4 }, { id: 5 }]),
    '--out',
    out
  ])
  t.equal(code, 0, stderr)
  t.same(
    readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
    [
      { id: 0, tracks: [] },
      { id: 4, tracks: ['b', 'c'] },
      { id: 5, tracks: ['c'] }
    ]
  )
  t.match(stdout, /session\s+3\s+0\.6667\s+0\.6667\s+0\.6667/)
})

t.test('evaluate: files as other systems write them, times without a zone, and lines that are no events', async t => {
  const directory = temporary(t)
  const write = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  const event = (user: string, track: string, time: string) =>
    JSON.stringify({ user_id: user, track_id: track, artist_id: 'x', played_at: time })
  // Taken for the local time of Tokyo, the time without a zone would be nine hours earlier.
  const events = ['a', 'b']
    .map((track, i) => event('u1', track, `2024-01-01T00:0${i}:00Z`))
    .concat(event('u2', 'a', '2024-03-10T01:45:00'), event('u2', 'b', '2024-03-10T02:15:00Z'))
  const targets = write('targets', '\ufeff{"id":3}\r\n')
  const read = await segue(['evaluate', write('events', `\ufeff${events.join('\r\n')}`), targets], { TZ: 'Asia/Tokyo' })
  t.equal(read.code, 0, read.stderr)
  t.match(read.stdout, /session\s+1\s+1\.0000/)
  for (const [text, sentence] of [
    ['\n\nnull\n', 'line 3 is not a JSON object.'],
    [`${events[0]}\n\n{"user_id"`, 'line 3 is not JSON.'],
    [event('u', 'a', '5'), 'line 1: played_at is "5", not an ISO time.']
  ] as const) {
    const { code, stderr } = await segue(['evaluate', write('bad', text), targets])
    t.same([code, stderr], [1, `${join(directory, 'bad')} ${sentence}\n`])
  }
  const nowhere = join(directory, 'no', 'out')
  const { code, stderr } = await segue(['evaluate', write('events', events.join('\n')), targets, '--out', nowhere])
  t.same([code, stderr], [1, `${nowhere} does not exist: check the path.\n`])
})
