import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { open, rename, writeFile } from 'node:fs/promises'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { StoreCorruptedError } from './store.js'

/** The file that says what a store's directory is, read before a native library touches the others. */
const FILE = 'store.json'

export interface Marker {
  readonly adapter: string
  /** Of keys, values and checksums: another one is not read but restored. */
  readonly format: number
  /** `clean`: closed and on the device. Otherwise the boot of the machine during which it was opened. */
  readonly state: string
}

/**
 * Undefined: the directory is new (it is created).
 * @throws StoreCorruptedError the directory belongs to another adapter or format, or to nobody.
 */
export function readMarker(directory: string, adapter: string, format: number): Marker | undefined {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, FILE)
  if (!existsSync(path)) {
    if (readdirSync(directory).length === 0) return undefined
    throw new StoreCorruptedError(`${directory} has files but no ${FILE}: it was not completely created, or a part of it was removed.`)
  }
  let marker: Marker
  try {
    marker = JSON.parse(readFileSync(path, 'utf8')) as Marker
  } catch (error) {
    throw new StoreCorruptedError(`${path} can't be read.`, { cause: error })
  }
  if (typeof marker.state !== 'string') throw new StoreCorruptedError(`${path} is damaged.`)
  if (marker.adapter !== adapter) throw new StoreCorruptedError(`${directory} was written by "${marker.adapter}", not by "${adapter}".`)
  if (marker.format !== format)
    throw new StoreCorruptedError(`${directory} has format ${marker.format}; this version of the program reads format ${format}.`)
  return marker
}

/** Replaces the marker. `durable`: it is on the device when this resolves. */
export async function writeMarker(directory: string, marker: Marker, durable: boolean): Promise<void> {
  const temporary = join(directory, `${FILE}.new`)
  await writeFile(temporary, JSON.stringify(marker), { flush: durable })
  await rename(temporary, join(directory, FILE))
  if (!durable || process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Names the time since the machine was started: what a process wrote since then is in the file or in the page cache. */
export function currentBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return `time:${Math.round(Date.now() / 1000 - uptime())}`
  }
}

/** Where only the time of the start is known, a clock set meanwhile counts as another boot: that costs a restore, no data. */
export function isSameBoot(a: string, b: string): boolean {
  if (a === b) return true
  if (!a.startsWith('time:') || !b.startsWith('time:')) return false
  return Math.abs(Number(a.slice(5)) - Number(b.slice(5))) <= 2
}
