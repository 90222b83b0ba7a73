import { codec, FORGET } from '../word-count.js'
import { check } from './check.js'
import { settled } from './settled.js'
import { World } from './world.js'

const LINES = 50
const WORDS = ['a', 'b', 'c', 'd', 'e']
/** Virtual milliseconds after the last fault within which all must have come to rest. */
const REST_MS = 120_000

export interface Outcome {
  /** What is not as it must be, in sentences. */
  readonly wrong: readonly string[]
  readonly faults: World['faults']
  /** Two runs that end with the same are the same. */
  readonly fingerprint: string
}

/**
 * Lines through the word count while processes are killed, paused, closed and started, requests and replies are lost,
 * stores lose their tails, the log crashes and is compacted. Then everything that was ever emitted, and everything that is
 * stored, is compared with what follows from the lines. The same seed is the same run.
 */
export async function simulate(seed: number): Promise<Outcome> {
  const world = new World(seed)
  const wrong = await world.clock.run(run(world)).catch(error => [`${error instanceof Error ? error.stack : error}`])
  return { wrong, faults: world.faults, fingerprint: `${world.chance.asked} at ${world.clock.now()}` }
}

async function run(world: World): Promise<readonly string[]> {
  const { chance, clock } = world
  chance.faults = false
  await world.openLog()
  chance.faults = true
  for (let line = 0; line < LINES; line++) {
    send(world, textOf(world))
    befall(world)
    if (chance.happens(0.5)) await clock.sleep(chance.below(chance.happens(0.1) ? 1_000 : 20))
  }
  chance.faults = false
  const wrong = await rest(world)
  return wrong.length > 0 ? wrong : check(world)
}

function textOf({ chance }: World): string {
  if (chance.happens(0.02)) return 'poison'
  if (chance.happens(0.1)) return FORGET
  return Array.from({ length: 1 + chance.below(4) }, () => chance.pick(WORDS)).join(' ')
}

/** What the log has of it in the end is the input: a crash may lose a line whose sending was not answered. */
function send(world: World, text: string): void {
  const key = Buffer.from(`k${world.chance.below(7)}`)
  const line = { topic: 'lines', key, value: codec.encode('lines', text), timestamp: world.clock.now() - world.lag }
  const record = world.tracer === undefined ? line : { ...line, headers: { traceparent: world.tracer.root() } }
  void world.log?.send([record])
}

function befall(world: World): void {
  const { chance } = world
  if (world.busyHosts.length === 0 || chance.happens(0.04))
    for (const host of world.idleHosts.slice(0, 1 + chance.below(2))) world.start(host)
  if (world.busyHosts.length === 0) return
  const host = chance.pick(world.busyHosts)
  const dice = chance.share()
  if (dice < 0.03) world.kill(host)
  else if (dice < 0.07) void world.pause(host)
  else if (dice < 0.1) void world.close(host)
  else if (dice < 0.13) void world.compact()
  else if (dice < 0.145) void world.sleepLong()
}

/** Liveness: when the faults end everything comes to rest. Returns what does not. */
async function rest(world: World): Promise<string[]> {
  const { clock } = world
  for (let waited = 0; waited < REST_MS; waited += 50) {
    await clock.sleep(50)
    if (world.log === undefined) continue
    if (world.busyHosts.length === 0) world.start(world.hosts[0]!)
    if (world.failures.length > 0) break
    if (await settled(world)) return []
  }
  const failed = world.failures.map(error => `an application ended: ${error instanceof Error ? error.stack : error}`)
  if (failed.length > 0) return failed
  const states = world.busyHosts.flatMap(({ running }) => running!.application.tasks.map(({ name, state }) => `${name} is ${state}`))
  return [`${REST_MS} ms after the last fault it has not come to rest: ${states.join(', ')}`]
}
