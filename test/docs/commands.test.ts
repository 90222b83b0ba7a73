import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { fixture, segue } from '../product/run.js'
import { notRun, type Place, places, scripts } from './commands.js'
import { Shell } from './shell.js'

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

t.test('each command of the documentation is run, or it is said why it is not', async t => {
  const listed: string[] = [...Object.values<readonly string[]>(places).flat(), ...Object.keys(scripts), ...Object.keys(notRun)]
  t.strictSame(listed.toSorted(), [...found].toSorted(), 'test/docs/commands.ts has each of them once, and no other')
  for (const place of Object.keys(places) as Place[]) {
    const text = readFileSync(join(projectRoot, 'test/docs', `${place}.test.ts`), 'utf8')
    t.match(text, `new Shell(t, '${place}'`)
    t.match(text, 'shell.complete()', `${place} checks that it runs all of its commands`)
  }
  for (const [command, script] of Object.entries(scripts)) {
    t.ok(existsSync(join(projectRoot, script)))
    t.ok(readFileSync(join(projectRoot, script), 'utf8').split('\n').includes(command), `${script} runs ${command}`)
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

/** In this order. */
const prints: Readonly<Record<(typeof places.commands)[number], RegExp>> = {
  'npx segue lag': /spotify-plays/,
  'npx segue dlq list': /BAD_/,
  'npx segue dlq retry --code BAD_TIME': /BAD_TIME|--execute/,
  'npx segue lake flush': /in the lake/,
  'npx segue lake ls': /spotify_plays/,
  'npx segue lake verify': /every file intact/,
  'npx segue lake compact': /files merged/,
  'npx segue key create --user prometheus --scope admin --days 90': /segue_[0-9a-f]{12}_/,
  'npx segue key list': /prometheus/,
  'npx segue spotify status': /No account is connected/,
  'npx segue warehouse setup --dry-run': /CREATE/,
  'npx segue replay --from-lake --data-dir new': /--execute/,
  'npx segue replay --from-lake --data-dir new --execute': /spotify-plays/,
  'npx segue replay --to-earliest': /--execute/,
  'npx segue replay --to-earliest --execute': /Done\. The next segue start computes it again/
}

t.test('those that take no time, on events in a directory of their own', async t => {
  const shell = new Shell(t, 'commands', { SPOTIFY_CLIENT_ID: 'an app', ...snowflake })
  const settings = { SEGUE_DATA_DIR: join(shell.directory, 'data'), SEGUE_LAKE: join(shell.directory, 'lake') }
  shell.set(settings)
  t.equal((await segue(['produce', fixture('awkward.jsonl')], settings)).code, 0)
  t.equal((await segue(['dump'], settings)).code, 0, 'it is processed')
  for (const [command, expected] of Object.entries(prints)) await shell.ends(command, expected)
  shell.complete()
})
