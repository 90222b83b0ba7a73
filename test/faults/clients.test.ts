/** Ten thousand connections that say nothing, others that say it slowly, and clients that leave: the API answers, and nothing is left of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { defaultOptions } from '../../api/options.js'
import { guarded } from '../api/auth-support.js'
import { MINUTE, NOW } from '../api/support.js'

const IDLE = 10_000
const SLOW = 500
const LEAVING = 300

/** A process that holds connections: this one would need twice the descriptors. */
const holder = `
const [port, count] = process.argv.slice(1).map(Number)
const { connect } = require('node:net')
const one = () => new Promise(resolve => {
  const socket = connect(port, '127.0.0.1', resolve)
  socket.on('error', () => resolve(one())).resume()
})
;(async () => {
  for (let i = 0; i < count; i += 100) await Promise.all(Array.from({ length: 100 }, one))
  setInterval(() => {}, 1000)
})()
`

async function serving(t: Test, options: object) {
  const parts = await guarded(t, { options })
  t.teardown(() => parts.app.close())
  await parts.app.listen({ port: 0, host: '127.0.0.1', backlog: 2_000 })
  const { port } = parts.app.server.address() as AddressInfo
  const connections = () => new Promise<number>(resolve => parts.app.server.getConnections((_, count) => resolve(count)))
  const get = (path: string, init: object = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: parts.as('ann', 'listener'), ...init })
  return { ...parts, port, connections, get }
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(20)
}

t.test(`${IDLE} idle connections leave the API answering, and are ended in time`, async t => {
  const { port, connections, get } = await serving(t, { headersTimeoutMs: 300_000, requestTimeoutMs: 300_000 })
  const child = spawn(process.execPath, ['-e', holder, String(port), String(IDLE)], { stdio: 'inherit' })
  t.teardown(() => child.kill('SIGKILL'))
  await until(async () => (await connections()) >= IDLE)
  t.equal(await connections(), IDLE, 'all of them are open')
  for (let i = 0; i < 50; i++) t.equal((await get('/v1/recommendations')).status, 200)
  child.kill('SIGKILL')
  await until(async () => (await connections()) === 0)
  t.equal((await get('/v1/recommendations')).status, 200, 'and nothing is left of them')
})

t.test('more connections than are allowed are refused; those that are open go on', async t => {
  const { app, port, get, connections } = await serving(t, { connections: 50, headersTimeoutMs: 60_000 })
  t.equal((await get('/v1/recommendations')).status, 200, 'and its connection stays open')
  const sockets = Array.from({ length: 80 }, () => connect(port, '127.0.0.1'))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
  })
  let refused = 0
  for (const socket of sockets) socket.on('error', () => {}).on('close', () => refused++)
  await until(() => refused >= 30)
  t.equal(await connections(), 50)
  t.equal(app.server.listening, true)
  for (const socket of sockets) socket.destroy()
  await until(async () => (await connections()) === 0)
  t.equal((await get('/v1/recommendations')).status, 200)
})

t.test('slow loris: headers and bodies a byte at a time are ended, others are answered meanwhile', async t => {
  const { port, get, connections } = await serving(t, { headersTimeoutMs: 1_000, requestTimeoutMs: 2_000 })
  const open = async (text: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}).resume()
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }
  const head = 'GET /v1/recommendations HTTP/1.1\r\nHost: x\r\nX-'
  const body = 'POST /v1/radio HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"tracks":["'
  const slow = await Promise.all(Array.from({ length: SLOW }, (_, i) => open(i % 2 === 0 ? head : body)))
  const drip = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write('a')
  }, 100)
  t.teardown(() => clearInterval(drip))
  let answered = 0
  while (slow.some(socket => !socket.destroyed)) {
    t.equal((await get('/v1/recommendations')).status, 200)
    answered++
    await sleep(20)
  }
  t.ok(answered > 0, 'all of them are over')
  await until(async () => (await connections()) === 0)
})

t.test('clients that leave in the middle of an answer, or of a stream, leave nothing', async t => {
  const streams = { ...defaultOptions.streams, clients: 2_000, perSubject: 2_000, delayMs: 1, restMs: 1 }
  const { view, port, get, connections, as } = await serving(t, { streams })
  const { authorization } = as('ann', 'listener')
  const watchers = view.watchers
  const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`
  let held: (() => void)[] | undefined
  const getMany = view.getMany.bind(view)
  view.getMany = (async (...asked: Parameters<typeof getMany>) => {
    if (held !== undefined) await new Promise<void>(resolve => held!.push(resolve))
    return getMany(...asked)
  }) as typeof view.getMany
  for (const path of ['/v1/recommendations?limit=7', '/v1/me/recommendations/stream?limit=8']) {
    held = []
    const sockets = Array.from({ length: LEAVING }, () => connect(port, '127.0.0.1', () => {}))
    for (const socket of sockets) {
      socket.on('error', () => {}).resume()
      socket.once('connect', () => socket.write(ask(path)))
    }
    await until(() => held!.length >= LEAVING)
    for (const socket of sockets) socket.destroy()
    await until(async () => (await connections()) === 0)
    // They have left: their answers are computed now, for nobody.
    const released = held
    held = undefined
    for (const go of released) go()
    let reads = -1
    while (reads !== view.reads) {
      reads = view.reads
      await sleep(200)
    }
    view.session('ann', NOW + MINUTE, [['next', 'A']])
    await sleep(50)
    t.equal(view.reads, reads, `${path}: nothing is computed for those who left`)
    t.equal(view.watchers, watchers)
    const stays = await get('/v1/recommendations')
    t.equal(stays.status, 200)
    await stays.text()
    await until(async () => (await connections()) === 0)
  }
})
