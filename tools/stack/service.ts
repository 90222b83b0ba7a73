/** One part of the stack as a process: started, watched until healthy, ended. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StackError } from './error.js'
import { MAIN, type Part } from './part.js'
import { freePort, HOST, isFree } from './ports.js'
import { endProcess, isAlive, type Started, startProcess } from './processes.js'
import type { StackOptions, StackState } from './stack.js'

/** A slow machine may take long; a part that ends by itself is told at once. */
const HEALTHY_MS = 300_000
const POLL_MS = 100
const SHOWN_LINES = 20

export class ServicePart {
  constructor(
    private readonly part: Part,
    private readonly stackDirectory: string,
    private readonly state: StackState,
    private readonly options: StackOptions
  ) {}

  /** Leaves a part alone that runs. @throws StackError */
  async start(): Promise<void> {
    const { part, state } = this
    const running = state.isRunning(part.name)
    const ports = running ? state.record(part.name)!.ports : await this.choosePorts()
    const watched = running ? undefined : await this.launch(ports)
    await this.untilHealthy(ports, watched)
    this.say(`${part.title} ${running ? 'runs already' : 'is ready'} on ${HOST}:${ports[MAIN]}`)
  }

  end(): Promise<void> {
    return this.endWithin(this.part.graceMs)
  }

  kill(): Promise<void> {
    return this.endWithin(0)
  }

  private async endWithin(graceMs: number): Promise<void> {
    const record = this.state.record(this.part.name)
    if (record?.process === undefined) return
    await endProcess(record.process, graceMs)
    this.part.tidy?.(record)
    this.state.set(this.part.name, { ports: record.ports })
  }

  private get logFile(): string {
    return join(this.stackDirectory, `${this.part.name}.log`)
  }

  private say(line: string): void {
    this.options.say?.(line)
  }

  private async launch(ports: Readonly<Record<string, number>>): Promise<Started> {
    const { part, state } = this
    const directory = join(this.stackDirectory, part.name)
    mkdirSync(directory, { recursive: true })
    part.tidy?.({ ports })
    const settings = this.options.settings?.[part.name] ?? []
    const command = await part.prepare({ directory, ports, s3Secret: state.file.s3Secret, settings, say: line => this.say(line) })
    this.say(`Starting ${part.title}`)
    const started = await startProcess(command, directory, this.logFile)
    state.set(part.name, { ports, process: started.record })
    return started
  }

  private async untilHealthy(ports: Readonly<Record<string, number>>, started: Started | undefined): Promise<void> {
    const { part, state } = this
    for (const limit = Date.now() + HEALTHY_MS; Date.now() < limit; await sleep(POLL_MS)) {
      if (await part.isHealthy({ ports }).catch(() => false)) return
      const record = state.record(part.name)?.process
      if (record !== undefined && isAlive(record)) continue
      // How it ended is told to the process that started it, perhaps a moment after it is gone.
      throw new StackError(`${part.title} ended (${started === undefined ? 'killed' : await started.ended}).${this.lastWords()}`)
    }
    throw new StackError(`${part.title} does not answer on ${HOST}:${ports[MAIN]} after ${HEALTHY_MS / 1000} s.${this.lastWords()}`)
  }

  private lastWords(): string {
    const lines = readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-SHOWN_LINES)
    return ` The end of ${this.logFile}:\n${lines.join('\n')}`
  }

  /** Those it had, unless somebody else has them now. */
  private async choosePorts(): Promise<Readonly<Record<string, number>>> {
    const { part, state } = this
    const before = state.record(part.name)?.ports
    const ports: Record<string, number> = { [MAIN]: await this.choose(before?.[MAIN] ?? this.wanted()) }
    for (const name of part.innerPorts) ports[name] = await this.choose(before?.[name])
    return ports
  }

  private wanted(): number | undefined {
    const { ports = 'usual' } = this.options
    if (ports === 'free') return undefined
    return ports === 'usual' ? this.part.usualPort : (ports[this.part.name] ?? this.part.usualPort)
  }

  private async choose(wanted: number | undefined): Promise<number> {
    if (wanted === undefined) return freePort()
    if (await isFree(wanted)) return wanted
    const port = await freePort()
    this.say(`${this.part.title}: port ${wanted} is in use, so it gets ${port}`)
    return port
  }
}
