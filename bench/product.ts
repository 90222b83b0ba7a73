import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectRoot } from '../schemas/root.js'
import type { Requests } from './product-child.js'

/** Segue running over a data directory in a process of its own. */
export interface Product {
  readonly url: string
  ask<R extends keyof Requests>(request: R): ReturnType<Requests[R]>
  /** Ends it with SIGKILL. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export async function startProduct(dataDir: string, environment: NodeJS.ProcessEnv = {}): Promise<Product> {
  const child = fork(join(projectRoot, 'dist/bench/product-child.js'), {
    env: { LOG_LEVEL: 'warn', ...process.env, SEGUE_DATA_DIR: dataDir, SEGUE_SIMULATOR: 'off', PORT: '0', ...environment }
  })
  const exited = once(child, 'exit')
  const failed = exited.then(([code, signal]) => {
    throw new Error(`Segue ended with ${code ?? signal}.`)
  })
  failed.catch(() => {})
  const answers = new Map<string, (answer: unknown) => void>()
  const asked = (request: string): Promise<unknown> => Promise.race([new Promise(resolve => answers.set(request, resolve)), failed])
  child.on('message', ({ request, answer }: { request: string; answer: unknown }) => answers.get(request)!(answer))
  return {
    url: (await asked('start')) as string,
    ask(request) {
      child.send({ request })
      return asked(request) as never
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.send({ request: 'stop' })
      await exited
    }
  }
}
