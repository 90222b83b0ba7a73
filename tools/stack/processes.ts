/** Processes that outlive the one that started them: found again by id and start time, never by name. */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessRecord } from './addresses.js'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

export interface Started {
  readonly record: ProcessRecord
  /** Its exit code or signal, once it has ended. */
  readonly ended: Promise<string>
}

const POLL_MS = 50

/** Starts a process that goes on when this one ends; what it says goes to `logFile`, begun anew. */
export async function startProcess(command: Command, directory: string, logFile: string): Promise<Started> {
  const log = openSync(logFile, 'w', 0o600)
  try {
    const child = spawn(command.file, command.args, {
      cwd: directory,
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...command.environment }
    })
    const ended = new Promise<string>(resolve => {
      child.once('error', error => resolve(error.message))
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    })
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    child.unref()
    const pid = child.pid!
    return { record: { pid, started: startTime(pid) ?? 'ended' }, ended }
  } finally {
    closeSync(log)
  }
}

export const isAlive = ({ pid, started }: ProcessRecord): boolean => startTime(pid) === started

/** Sends a signal to this process and no other. False: it has ended. */
export function signal(record: ProcessRecord, name: NodeJS.Signals): boolean {
  if (!isAlive(record)) return false
  try {
    return process.kill(record.pid, name)
  } catch {
    return false
  }
}

/** Asks it to end; after `graceMs` makes it end. Resolves when it is gone. */
export async function endProcess(record: ProcessRecord, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    signal(record, 'SIGTERM')
    if (await gone(record, graceMs)) return
  }
  signal(record, 'SIGKILL')
  // A process that can't even be killed waits for the kernel.
  while (!(await gone(record, 60_000)));
}

async function gone(record: ProcessRecord, withinMs: number): Promise<boolean> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(POLL_MS)) if (!isAlive(record)) return true
  return false
}

/** Undefined: there is no such process, or it has ended and nobody has asked how. */
export function startTime(pid: number): string | undefined {
  return process.platform === 'linux' ? startTimeOnLinux(pid) : startTimeByPs(pid)
}

/**
 * proc(5): the state follows the name in parentheses; the number of threads and the start time in clock ticks since the boot
 * are the 20th and 22nd field. A killed process is a zombie while some of its threads still hold its ports.
 */
function startTimeOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'X' || (fields[0] === 'Z' && Number(fields[17]) <= 1)) return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`
  } catch {
    return undefined
  }
}

function startTimeByPs(pid: number): string | undefined {
  try {
    const [state = '', ...started] = execFileSync('ps', ['-o', 'state=', '-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' }
    })
      .trim()
      .split(/\s+/)
    return state === '' || state.startsWith('Z') ? undefined : started.join(' ')
  } catch {
    return undefined
  }
}
