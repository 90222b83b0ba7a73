import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Runs with a file system of so many megabytes. */
export async function withSmallDevice(t: Test, megabytes: number, run: (device: string) => Promise<void>): Promise<void> {
  const device = join(t.testdir(), 'device')
  mkdirSync(device)
  const { stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', device], { encoding: 'utf8' })
  if (stderr !== '') throw new Error(stderr)
  try {
    await run(device)
  } finally {
    spawnSync('umount', ['-l', device])
  }
}

/** Whether this user may mount a file system. */
export function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const probe = mkdtempSync(join(tmpdir(), 'segue-mount-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe])
  if (status === 0) spawnSync('umount', ['-l', probe])
  rmdirSync(probe)
  return status === 0
}
