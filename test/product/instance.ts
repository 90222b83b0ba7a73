/** A running `segue start`, as a child process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectRoot } from '../../schemas/root.js'
import type { Ended } from './run.js'

export interface Instance {
  readonly url: string
  readonly process: ChildProcess
  /** What it has written to standard error and standard output so far. */
  output(): string
  /** Resolves when it ends. */
  readonly ended: Promise<Ended>
  /** Resolves when all tasks run and all input is computed and in the view. */
  settled(): Promise<void>
}

/** Starts it without simulated listeners on a port of its own; resolves when it listens. @throws Error it ended before that. */
export async function start(
  t: { teardown(callback: () => void): void },
  environment: Record<string, string>,
  arguments_: readonly string[] = []
): Promise<Instance> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/tools/segue.js'), 'start', '--no-simulator', ...arguments_], {
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  t.teardown(() => child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode, stdout, stderr }))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /listening on (http:\/\/\S+)/.exec(stdout)
      if (found !== null) resolve(found[1]!)
    })
    void ended.then(({ code }) => reject(new Error(`segue start ended with ${code}: ${stderr}`)))
  })
  const settled = () =>
    quiet(async () => {
      const health = (await (await fetch(`${url}/health`)).json()) as { status: string; lag: { tasks: number; view: number } }
      return health.status === 'healthy' && health.lag.tasks === 0 && health.lag.view === 0
    })
  return { url, process: child, output: () => stderr + stdout, ended, settled }
}

/**
 * Resolves when it was so many times in a row: offsets are read one after the other, and what a task has still to tell of its changes
 * is no lag yet.
 */
export async function quiet(isQuiet: () => Promise<boolean>): Promise<void> {
  for (let rounds = 0; rounds < 12; await sleep(25)) rounds = (await isQuiet()) ? rounds + 1 : 0
}

/** Sends events through the API. Resolves to the HTTP status; 0: there was no answer. */
export async function ingest(url: string, lines: readonly string[]): Promise<number> {
  try {
    const response = await fetch(`${url}/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.join('\n')
    })
    await response.text()
    return response.status
  } catch {
    return 0
  }
}
