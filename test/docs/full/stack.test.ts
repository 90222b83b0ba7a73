import { join } from 'node:path'
import t from 'tap'
import { readStack } from '../../../tools/stack/addresses.js'
import { freePort } from '../../../tools/stack/ports.js'
import { findProgram } from '../../../tools/stack/programs.js'
import { stopStack } from '../../../tools/stack/stack.js'
import { fixture, segue } from '../../product/run.js'
import { Shell } from '../shell.js'

const skip =
  !process.env.CI && ['java', 'mvn', 'redis-cli'].some(name => findProgram(name) === undefined) && 'Java, Maven or Redis is missing'

t.test('the stack, two applications beside each other on it, and other programs that read from it', { skip }, async t => {
  const PORT = String(await freePort())
  const shell = new Shell(t, 'full/stack', { PORT, SEGUE_STACK_PORTS: 'free', SEGUE_SIMULATOR: 'off', LOG_LEVEL: 'warn' })
  const stackDir = join(shell.directory, 'stack')
  const settings = { SEGUE_STACK_DIR: stackDir, SEGUE_DATA_DIR: join(shell.directory, 'data'), SEGUE_LAKE: join(shell.directory, 'lake') }
  shell.set(settings)
  await shell.ends('npm run stack:up', /Ready after/)
  // Whatever fails, it does not stay up.
  t.teardown(() => stopStack(stackDir))
  await shell.ends('npm run stack:status', /Kafka .*healthy/)
  const { addresses, environment } = readStack(stackDir)!

  const first = await shell.starts('SEGUE_MODE=kafka npm start', /listening on http/)
  const produced = await segue(['produce', fixture('awkward.jsonl')], { ...settings, SEGUE_MODE: 'kafka' })
  t.equal(produced.code, 0, produced.stderr)
  const other = String(await freePort())
  const beside = 'SEGUE_MODE=kafka SEGUE_APPLICATION_ID=segue-2 SEGUE_DATA_DIR=data-2 PORT=3001 npx segue start --no-simulator'
  const second = await shell.starts(beside, /listening on http/, { 'PORT=3001': `PORT=${other}` })
  await shell.ends('npx segue switch --mode kafka --application-id segue-2', /segue-2: \d+ records to process/)
  await shell.ends('npx segue switch --mode kafka --application-id segue-2 --execute', /Answers come from segue-2 now/)
  await shell.ends('npx segue switch --mode kafka --application-id segue --execute', /Answers come from segue now/)
  t.equal(await second.end(), 0)
  await shell.ends('npx segue drop --mode kafka --application-id segue-2 --execute', /segue-2 was removed/)

  shell.program('redis-cli', `exec ${findProgram('redis-cli')} -u ${addresses.redis} "$@"`)
  await shell.ends('redis-cli HGET segue:segue:track-details TRACK_ID', /Track 0/, { TRACK_ID: 'track0000' })
  await shell.ends('redis-cli ZRANGE segue:segue:charts:keys - + BYLEX', /tracks/)
  await shell.ends('redis-cli HGETALL segue:segue:pipeline-counts', /./)

  await shell.ends('npm run python:setup consumer', /./)
  const where = 'export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9092 SCHEMA_REGISTRY_URL=http://127.0.0.1:8081/apis/ccompat/v7'
  await shell.exports(where, { '127.0.0.1:9092': addresses.kafka!, 'http://127.0.0.1:8081/apis/ccompat/v7': addresses.registry! })
  t.equal(environment.KAFKA_BOOTSTRAP_SERVERS, addresses.kafka)
  await shell.ends('.venv/consumer/bin/python docs/consumer/consume.py track-neighbours', /track0000/)
  await first.end()
  await shell.ends('npm run stack:down', /Ended: /)
  shell.complete()
})
