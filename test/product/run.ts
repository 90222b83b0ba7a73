import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../../schemas/root.js'

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a compiled script of ours to its end. */
export function runNode(script: string, args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return new Promise(resolve => {
    const child = execFile(
      process.execPath,
      [join(projectRoot, 'dist', script), ...args],
      { env: { ...process.env, ...environment }, maxBuffer: 256 * 1024 * 1024 },
      (_, stdout, stderr) => resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr })
    )
  })
}

export const segue = (args: readonly string[], environment: Record<string, string> = {}) => runNode('tools/segue.js', args, environment)

export const fixture = (name: string) => join(projectRoot, 'test/fixtures/vectors', name)

export function temporary(t: { teardown(callback: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'segue-test-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
