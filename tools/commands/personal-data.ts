import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Config } from '../../config.js'
import { runningInstance } from '../instance.js'

export async function exportCommand(config: Config, userId: string): Promise<number> {
  const response = await ask(config, 'GET', `/v1/users/${encodeURIComponent(userId)}/export`)
  await pipeline(Readable.fromWeb(response.body as never), process.stdout, { end: false })
  return 0
}

export async function eraseCommand(config: Config, userId: string, confirmed: string): Promise<number> {
  if (confirmed !== userId) throw new Error(`--confirm says "${confirmed}", the listener is "${userId}": give the same id twice.`)
  await ask(config, 'DELETE', `/v1/users/${encodeURIComponent(userId)}`)
  process.stdout.write(`${userId} is being forgotten. The topics they were sent to keep their records: see docs/security.md.\n`)
  return 0
}

async function ask(config: Config, method: 'GET' | 'DELETE', path: string): Promise<Response> {
  const url = await runningInstance(config.dataDir)
  if (url === undefined) throw new Error('Segue is not running on this data directory: start it (segue start).')
  const headers = config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` }
  const response = await fetch(`${url}${path}`, { method, headers })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return response
}
