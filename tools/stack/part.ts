import type { PartName } from './addresses.js'
import type { Say } from './packages.js'
import type { Command } from './processes.js'

export interface PartContext {
  /** Of the part alone. */
  readonly directory: string
  readonly ports: Readonly<Record<string, number>>
  readonly s3Secret: string
  /** Lines for the part's own configuration, by part. */
  readonly settings: readonly string[]
  readonly say: Say
}

/** A service of the stack. */
export interface Part {
  readonly name: PartName
  /** What it is, with its version, for people. */
  readonly title: string
  /** The port that others use, where it is free. */
  readonly usualPort: number
  /** Names of the further ports that it needs for itself. */
  readonly innerPorts: readonly string[]
  /** How long it may take to end in order, milliseconds. */
  readonly graceMs: number
  /** Fetches and configures what is to be started. @throws StackError */
  prepare(context: PartContext): Promise<Command>
  /** Whether it does its work, not only whether it listens. */
  isHealthy(context: Pick<PartContext, 'ports'>): Promise<boolean>
  /** Removes what it leaves outside of its directory. */
  tidy?(context: Pick<PartContext, 'ports'>): void
}

/** The port that others use. */
export const MAIN = 'main'
