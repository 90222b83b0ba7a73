import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { fixture, segue, temporary } from '../product/run.js'
import { commands } from './commands.js'

const documents = ['README.md', 'CONTRIBUTING.md', 'dbt/README.md', 'airflow/README.md'].concat(
  readdirSync(join(projectRoot, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`)
)

/** Each command of the blocks marked `sh`: lines that go on joined, comments left out. */
const commandsOf = (text: string): string[] =>
  [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map(line =>
        line
          .replace(/\s+# .*$/, '')
          .replaceAll(/\s+/g, ' ')
          .trim()
      )
      .filter(line => line !== '' && !line.startsWith('#'))
  )
/** A reader puts something in its place. */
const isTemplate = (command: string) => command.includes('{...}')
const found = new Set(
  documents.flatMap(name => commandsOf(readFileSync(join(projectRoot, name), 'utf8'))).filter(command => !isTemplate(command))
)

const textOf = (path: string): string => {
  const full = join(projectRoot, path)
  if (!statSync(full).isDirectory()) return readFileSync(full, 'utf8')
  return readdirSync(full)
    .filter(name => name.endsWith('.ts'))
    .map(name => readFileSync(join(full, name), 'utf8'))
    .join('\n')
}

t.test('each command of the documentation is run, or it is said which test does so, or why none does', async t => {
  for (const command of found) t.ok(commands[command], `test/docs/commands.ts knows: ${command}`)
  for (const [command, how] of Object.entries(commands)) {
    t.ok(found.has(command), `a document has: ${command}`)
    if ('test' in how) t.ok(textOf(how.test).includes(how.has), `${how.test} has: ${how.has}`)
  }
})

/** What the set-up wants to know; nothing signs in. */
const snowflake = {
  SNOWFLAKE_ACCOUNT: 'an-account',
  SNOWFLAKE_USER: 'a_user',
  SNOWFLAKE_TOKEN: 'none',
  SNOWFLAKE_LAKE: 's3://lake',
  SNOWFLAKE_AWS_ROLE: 'arn:aws:iam::123456789012:role/lake'
}

t.test('what can be run is run as it stands', async t => {
  const directory = temporary(t)
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  // npx would look for the same file, for half a second each time.
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(projectRoot, 'dist/tools/segue.js')}" "$@"\n`)
  chmodSync(join(bin, 'npx'), 0o755)
  const settings = {
    SEGUE_DATA_DIR: join(directory, 'data'),
    SEGUE_LAKE: join(directory, 'lake'),
    SPOTIFY_CLIENT_ID: 'an app',
    ...snowflake
  }
  t.equal((await segue(['produce', fixture('awkward.jsonl')], settings)).code, 0)
  t.equal((await segue(['dump'], settings)).code, 0, 'it is processed')
  const env = { ...process.env, ...settings, PATH: `${bin}:${process.env.PATH}` }
  for (const [command, how] of Object.entries(commands)) {
    if (!('prints' in how)) continue
    const { code, output } = await new Promise<{ code: number | null; output: string }>(resolve => {
      const child = execFile('sh', ['-c', command], { cwd: directory, env, maxBuffer: 1 << 26 }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, output: stdout + stderr })
      )
    })
    t.equal(code, 0, `${command}: ${output.slice(0, 500)}`)
    t.match(output, how.prints, command)
  }
})
