import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { lockDirectory } from '../../state/lock.js'
import type { Dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { start } from './instance.js'
import { listening } from './listening.js'
import { segue, temporary } from './run.js'

t.test('a second process on one data directory is refused with a sentence; commands go through the first', async t => {
  const SEGUE_DATA_DIR = temporary(t)
  const file = join(temporary(t), 'lines.jsonl')
  writeFileSync(file, listening(300).join('\n'))
  const undisturbed = JSON.parse((await segue(['dump', '--input', file])).stdout) as Dump
  const first = await start(t, { SEGUE_DATA_DIR })

  const second = await segue(['start', '--no-simulator', '--port', '0'], { SEGUE_DATA_DIR })
  t.equal(second.code, 1)
  t.match(second.stderr, `${SEGUE_DATA_DIR} is in use by process ${first.process.pid} on `)
  t.match(second.stderr, /\(segue start, since .*\)\. Stop that one first, or give this one a data directory of its own\.\n$/)
  t.notMatch(second.stderr, /\n +at /, 'no stack')

  t.equal((await segue(['produce', file], { SEGUE_DATA_DIR })).code, 0)
  const through = JSON.parse((await segue(['dump'], { SEGUE_DATA_DIR })).stdout) as Dump
  t.same(differences(undisturbed, through), [])

  first.process.kill('SIGKILL')
  await first.ended
  const again = await start(t, { SEGUE_DATA_DIR })
  t.pass('what a killed process left behind keeps nobody out')
  again.process.kill('SIGTERM')
  t.equal((await again.ended).code, 0)
  const after = JSON.parse((await segue(['dump'], { SEGUE_DATA_DIR })).stdout) as Dump
  t.same(differences(undisturbed, after), [])
})

t.test('a command that finds the directory in other hands says in whose', async t => {
  const SEGUE_DATA_DIR = temporary(t)
  const lock = await lockDirectory(SEGUE_DATA_DIR, 'a backup')
  t.teardown(() => lock.release())
  const file = join(temporary(t), 'lines.jsonl')
  writeFileSync(file, listening(1).join('\n'))
  for (const command of [`produce ${file}`, 'dump', 'simulate --days 1', 'start --port 0']) {
    const { code, stderr } = await segue(command.split(' '), { SEGUE_DATA_DIR })
    t.equal(code, 1, command)
    t.match(stderr, new RegExp(`is in use by process ${process.pid} on .* \\(a backup, since`), command)
  }
})

t.test('a port that is taken', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const { code, stderr } = await segue(['start', '--no-simulator', '--port', String(port)], { SEGUE_DATA_DIR: temporary(t) })
  t.equal(code, 1)
  t.equal(stderr, `The port ${port} on 127.0.0.1 is in use by another program: stop that one, or choose another with --port (or PORT).\n`)
})
