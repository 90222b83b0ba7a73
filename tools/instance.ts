/** How a command finds the instance that has the data directory open. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const fileOf = (dataDir: string) => join(dataDir, 'instance.json')

/** Announces a running instance; returns how to take that back. */
export function announce(dataDir: string, url: string): () => void {
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(fileOf(dataDir), JSON.stringify({ pid: process.pid, url }))
  return () => rmSync(fileOf(dataDir), { force: true })
}

/** The address of the running instance, if there is one. A file that a killed process left is passed over. */
export async function runningInstance(dataDir: string): Promise<string | undefined> {
  let url: string
  try {
    url = (JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as { url: string }).url
  } catch {
    return undefined
  }
  return (await isAlive(url)) ? url : undefined
}

export async function isAlive(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) })
    return response.ok
  } catch {
    return false
  }
}
