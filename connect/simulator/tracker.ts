/**
 * Remembers which simulated days were published, so that none is published twice: a JSON file, replaced atomically.
 * One process at a time has it open for writing.
 */
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A number: so many of the day's events are published, the rest is not. `live`: the day was simulated live. */
export type DayStatus = 'published' | 'live' | number

interface State {
  readonly version: 1
  /** By the world's name, then by date. */
  readonly worlds: Record<string, Record<string, DayStatus>>
}

/** Another process is publishing days from the same file. */
export class TrackerLockedError extends Error {
  override name = 'TrackerLockedError'
}

export class DayTracker {
  private readonly state: State

  /** @throws TrackerLockedError @throws Error the file is not what a tracker wrote. */
  constructor(private readonly file: string) {
    mkdirSync(dirname(file), { recursive: true })
    lock(`${file}.lock`)
    try {
      this.state = readState(file)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Undefined: nothing of the day was published. */
  status(world: string, date: string): DayStatus | undefined {
    return this.state.worlds[world]?.[date]
  }

  /** Durable when it returns. */
  set(world: string, date: string, status: DayStatus): void {
    this.state.worlds[world] ??= {}
    const days = this.state.worlds[world]
    if (days[date] === status) return
    days[date] = status
    const temporary = `${this.file}.new`
    const descriptor = openSync(temporary, 'w')
    try {
      writeFileSync(descriptor, `${JSON.stringify(this.state, null, 1)}\n`)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, this.file)
  }

  close(): void {
    rmSync(`${this.file}.lock`, { force: true })
  }
}

function readState(file: string): State {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, worlds: {} }
    throw error
  }
  try {
    const state = JSON.parse(text) as State
    if (state.version === 1 && typeof state.worlds === 'object' && state.worlds !== null) return state
  } catch {
    // Said below.
  }
  throw new Error(`${file} is not a record of simulated days. If you delete it, days that were already published will be published again.`)
}

function lock(file: string): void {
  for (let attempt = 0; attempt < 2; attempt++) {
    if (tryLock(file)) return
    const owner = ownerOf(file)
    if (owner !== undefined && owner !== process.pid && isRunning(owner)) {
      throw new TrackerLockedError(
        `The process ${owner} is publishing simulated days just now: wait until it is done. (If there is no such simulator, delete ${file}.)`
      )
    }
    rmSync(file, { force: true })
  }
  throw new TrackerLockedError(`Another process is publishing simulated days just now (${file}): wait until it is done.`)
}

/** The file appears with its content or not at all. */
function tryLock(file: string): boolean {
  const own = `${file}.${process.pid}`
  writeFileSync(own, `${process.pid}\n`)
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

function ownerOf(file: string): number | undefined {
  try {
    const owner = Number.parseInt(readFileSync(file, 'utf8'), 10)
    return owner > 0 ? owner : undefined
  } catch {
    return undefined
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
