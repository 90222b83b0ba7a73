/** Runs commands of the documentation as they stand, and knows in the end which of its place it has not run. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { temporary } from '../product/run.js'
import { type Place, places } from './commands.js'

export interface Started {
  output(): string
  readonly ended: Promise<number | null>
  /** SIGTERM, to all processes that it has started. */
  end(): Promise<number | null>
}

export class Shell {
  /** Files that commands name lie here. */
  readonly directory: string
  /** Where what belongs to the repository is run; the rest runs in `directory`. */
  at = projectRoot
  readonly #environment: NodeJS.ProcessEnv
  readonly #bin: string
  readonly #ran = new Set<string>()

  /** @param environment settings beside those that a command has itself; undefined: what may be set here is not */
  constructor(
    private readonly t: Test,
    private readonly place: Place,
    environment: Record<string, string | undefined>
  ) {
    this.directory = temporary(t)
    this.#bin = join(this.directory, 'bin')
    mkdirSync(this.#bin)
    // npx would look for the same file, for half a second each time.
    this.program('npx', `shift\nexec "${process.execPath}" "${join(projectRoot, 'dist/tools/segue.js')}" "$@"`)
    // What tap puts into the processes of its tests stays out.
    const inherited = Object.entries(process.env).filter(([name]) => !/TAP/.test(name))
    this.#environment = { ...Object.fromEntries(inherited), SEGUE_DATA_DIR: join(this.directory, 'data'), ...environment }
    this.#environment.PATH = `${this.#bin}${delimiter}${process.env.PATH}`
  }

  /** Stands for a program of this name. */
  program(name: string, script: string): void {
    writeFileSync(join(this.#bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(this.#bin, name), 0o755)
  }

  set(environment: Record<string, string>): void {
    Object.assign(this.#environment, environment)
  }

  /**
   * Runs it to its end, which must be 0.
   * @param prints what it must print
   * @param put what a reader puts in the place of an address or a name
   */
  async ends(command: string, prints: RegExp, put: Record<string, string> = {}): Promise<string> {
    const started = this.#spawn(command, put)
    const code = await started.ended
    this.t.equal(code, 0, `${command}\n${started.output().slice(-2_000)}`)
    this.t.match(started.output(), prints, command)
    return started.output()
  }

  /** Takes over what `export NAME=...` sets. */
  async exports(command: string, put: Record<string, string> = {}): Promise<void> {
    const started = this.#spawn(command, put, ' && env')
    this.t.equal(await started.ended, 0, command)
    for (const [, name] of command.matchAll(/\b([A-Z_]+)=/g)) {
      const value = new RegExp(`^${name}=(.*)$`, 'm').exec(started.output())?.[1]
      this.t.type(value, 'string', `${name} is set`)
      this.set({ [name!]: value! })
    }
  }

  /** Starts it; resolves when it has printed this. @throws Error it ended before */
  async starts(command: string, says: RegExp, put: Record<string, string> = {}): Promise<Started> {
    const started = this.#spawn(command, put)
    let ended = false
    void started.ended.then(() => {
      ended = true
    })
    while (!says.test(started.output())) {
      if (ended) throw new Error(`${command} ended before it said ${says}: ${started.output()}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    this.t.match(started.output(), says, command)
    return started
  }

  /** The last thing to do: all commands of the place were run. */
  complete(): void {
    this.t.strictSame(
      places[this.place].filter(command => !this.#ran.has(command)),
      [],
      'no command of this place was left out'
    )
  }

  #filled(command: string, put: Record<string, string>): string {
    return Object.entries(put).reduce((text, [from, to]) => text.replaceAll(from, to), command)
  }

  #spawn(command: string, put: Record<string, string>, then = ''): Started {
    this.#ran.add(command)
    const cwd = /(^|\s)(npm |dbt\/|airflow\/|\.venv\/)/.test(command) ? this.at : this.directory
    // The shell waits for what it runs, so that its exit code is that of the command.
    // Tap puts its own options for Node.js into whatever a test starts, here too.
    const script = `unset NODE_OPTIONS\ntrap : TERM\n${this.#filled(command, put)}${then}`
    const child: ChildProcess = spawn('sh', ['-c', script], {
      cwd,
      env: this.#environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    const ended = once(child, 'close').then(() => child.exitCode)
    const signal = (name: NodeJS.Signals) => {
      try {
        process.kill(-child.pid!, name)
      } catch {
        // All of them have ended.
      }
    }
    this.t.teardown(() => signal('SIGKILL'))
    const end = () => {
      signal('SIGTERM')
      return ended
    }
    return { output: () => output, ended, end }
  }
}
