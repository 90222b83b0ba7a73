import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { projectRoot } from '../../schemas/root.js'

/** The path of a program in `.venv/deploy` or on the PATH. Undefined, said so: there is none; in CI that is an error. */
export function program(name: string, how: string): string | undefined {
  const directories = [
    join(projectRoot, '.venv/deploy/bin'),
    ...(process.env.PATH ?? '').split(delimiter),
    ...(process.env.SEGUE_TEST_TOOLS ?? '').split(delimiter)
  ]
  for (const directory of directories.filter(Boolean)) {
    const path = join(directory, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  if (process.env.CI) throw new Error(`${name} is not here: ${how}.`)
  console.error(`\n==== SKIPPED: checks with ${name} ====\nIt is not here: ${how}.\n`)
  return undefined
}

export interface Ran {
  readonly code: number | null
  readonly output: string
}

/** Runs a program in the project's directory. */
export function run(path: string, args: readonly string[], input?: string, cwd = projectRoot): Promise<Ran> {
  return new Promise(resolve => {
    const child = execFile(path, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr })
    )
    if (input !== undefined) child.stdin!.end(input)
  })
}
