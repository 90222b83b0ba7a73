import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { readConfig } from '../../config.js'
import { produceLines } from '../../connect/produce.js'
import { logProducer } from '../../connect/producer.js'
import { units } from '../../processors/topology.js'
import { topicNames } from '../../schemas/catalogue.js'
import { projectRoot } from '../../schemas/root.js'
import { type Dump, dump } from '../../tools/dump.js'
import { differences } from '../../tools/dump-equality.js'
import { type Base, openBase } from '../../tools/embedded.js'
import { changelogNames } from '../../tools/topic-names.js'
import { parseMetrics, type Scraped } from '../observe/support.js'
import { fixture } from '../product/run.js'
import { unique } from './harness.js'

/** Of all sub-topologies, with the three partitions of the tests. */
export const TASKS = 3 * Object.keys(units).length

/** An instance in a process of its own. */
export class Instance {
  readonly lines: string[] = []
  readonly #exited: Promise<unknown>
  stderr = ''

  constructor(
    readonly name: string,
    readonly child: ChildProcess
  ) {
    createInterface({ input: child.stdout! }).on('line', line => this.lines.push(line))
    child.stderr!.on('data', bytes => {
      this.stderr += bytes
    })
    this.#exited = once(child, 'exit')
  }

  /** How many of its tasks run. */
  get running(): number {
    return Number(this.lines.findLast(line => line.startsWith('running '))?.split(' ')[1] ?? 0)
  }

  /** What Prometheus would read from it now. */
  async metrics(): Promise<Scraped> {
    const url = this.lines.find(line => line.startsWith('metrics '))!.split(' ')[1]!
    return parseMetrics(await (await fetch(url)).text())
  }

  async ended(): Promise<{ code: number | null; signal: string | null }> {
    await this.#exited
    return { code: this.child.exitCode, signal: this.child.signalCode }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }
}

/** A metric over all instances. */
export const sum = (all: readonly Scraped[], name: string, labels?: Record<string, string>): number =>
  all.reduce((total, metrics) => total + (metrics.value(name, labels) ?? 0), 0)

/** An application with topics, group and data directories of its own, and the result that its input must have. */
export class TestApplication {
  readonly id = unique('app')
  readonly #directory = mkdtempSync(join(tmpdir(), 'segue-kafka-'))
  readonly #instances = new Set<Instance>()
  #base: Base | undefined

  constructor(
    private readonly t: Test,
    private readonly settings: Record<string, string> = {}
  ) {
    t.teardown(() => this.#close())
  }

  async base(): Promise<Base> {
    const environment = { ...process.env, ...this.environment('test') }
    this.#base ??= await openBase(readConfig(environment), { purpose: 'test', stateless: true, isolated: true })
    return this.#base
  }

  /** @param step kills itself when a commit reaches it for the `count`th time */
  start(name: string, step?: string, count?: number): Instance {
    const args = [join(projectRoot, 'dist/test/kafka/instance.js'), ...(step === undefined ? [] : [step, String(count)])]
    const env = { ...process.env, ...this.environment(name) }
    const instance = new Instance(name, spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }))
    this.#instances.add(instance)
    return instance
  }

  /** A place in an instance's data directory. */
  directory(name: string, place: string): string {
    return join(this.#directory, name, place)
  }

  /** Sends the lines of a vector, in `parts` with pauses between them, which last until `goOn` says so. */
  async produce(vector: string, parts = 1, pauseMs = 0, goOn: () => boolean = () => true): Promise<void> {
    const { log, codec } = await this.base()
    const lines = readFileSync(fixture(`${vector}.jsonl`), 'utf8').split(/(?<=\n)/)
    const producer = logProducer(log, codec)
    const size = Math.ceil(lines.length / parts)
    for (let i = 0; i < lines.length; i += size) {
      await produceLines(
        (async function* () {
          yield lines.slice(i, i + size).join('')
        })(),
        producer
      )
      do await sleep(pauseMs)
      while (!goOn())
    }
  }

  /** Waits until the committed outputs are what the vector expects; then nothing may change any more. */
  async expect(vector: string, timeoutMs = 120_000): Promise<void> {
    const { log, codec, partitions } = await this.base()
    const expected = JSON.parse(readFileSync(fixture(`${vector}.expected.json`), 'utf8')) as Dump
    const deadline = Date.now() + timeoutMs
    const found = async () => {
      let text = ''
      for await (const part of dump(log, codec, partitions)) text += part
      return differences(expected, JSON.parse(text) as Dump)
    }
    let difference = await found()
    while (difference.length > 0 && Date.now() < deadline) {
      await sleep(200)
      difference = await found()
    }
    if (difference.length === 0) {
      await sleep(1_000)
      difference = await found()
    }
    this.t.same(
      difference.map(text => text.slice(0, 300)),
      [],
      `${vector}: every value equals what is expected`
    )
    if (difference.length > 0)
      for (const { name, lines, stderr } of this.#instances) this.t.comment(name, lines.slice(-30).join('\n'), stderr)
  }

  /** Resolves when that many tasks run, in all of these. */
  async running(instances: readonly Instance[], tasks: number, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (instances.reduce((sum, instance) => sum + instance.running, 0) !== tasks) {
      if (Date.now() > deadline) {
        const found = instances.map(({ name, running, lines, stderr }) => `${name}: ${running}\n${lines.slice(-20).join('\n')}\n${stderr}`)
        throw new Error(`Not ${tasks} tasks after ${timeoutMs} ms: ${found.join('\n')}`)
      }
      await sleep(10)
    }
  }

  environment(name: string): Record<string, string> {
    return {
      SEGUE_MODE: 'kafka',
      SEGUE_APPLICATION_ID: this.id,
      SEGUE_DATA_DIR: join(this.#directory, name),
      KAFKA_SESSION_TIMEOUT_MS: '6000',
      KAFKA_DELIVERY_TIMEOUT_MS: '120000',
      ...this.settings
    }
  }

  async #close(): Promise<void> {
    for (const instance of this.#instances) {
      instance.kill('SIGKILL')
      await instance.ended()
    }
    const base = await this.base()
    await base.log.deleteTopics([...topicNames, ...changelogNames(this.id, base.partitions)])
    await base.close()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
