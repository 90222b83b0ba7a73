#!/usr/bin/env node
/** The command line: parsing and help. What each command does is in its own file, loaded when it is called. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Config, readConfig } from '../config.js'
import { examples } from './examples.js'
import { addLake } from './lake-commands.js'
import { addOperating } from './operating.js'
import { scrubber } from './scrub.js'
import { sentenceOf } from './sentence.js'
import { withStack } from './stack/addresses.js'
import { addWarehouse } from './warehouse.js'

/** Flags that override the environment, by the environment's names. */
interface CommonFlags {
  readonly dataDir?: string
  readonly mode?: string
  readonly port?: string
  readonly host?: string
  readonly simulator?: boolean
  readonly only?: readonly string[]
}

function configOf(flags: CommonFlags): Config {
  const environment = {
    ...process.env,
    ...(flags.dataDir === undefined ? {} : { SEGUE_DATA_DIR: flags.dataDir }),
    ...(flags.mode === undefined ? {} : { SEGUE_MODE: flags.mode }),
    ...(flags.port === undefined ? {} : { PORT: flags.port }),
    ...(flags.host === undefined ? {} : { HOST: flags.host }),
    ...(flags.only === undefined ? {} : { SEGUE_PARTS: flags.only.join(',') }),
    ...(flags.simulator === false ? { SEGUE_SIMULATOR: 'off' } : {})
  }
  return readConfig(withStack(environment))
}

const dataDir = () => new Option('--data-dir <directory>', 'log, state and view live here (SEGUE_DATA_DIR, default data)')
const mode = () => new Option('--mode <mode>', 'embedded, or kafka (SEGUE_MODE, default embedded)')

const wholeNumber = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number above 0.')
  return value
}

const program = new Command('segue')
  .description('Music recommendations from listening events, computed while the music plays.')
  .version('0.1.0')
  .showHelpAfterError()
  .addHelpText('after', '\nBegin with: segue start, then open http://127.0.0.1:3000\nSettings by environment are in .env.example.')

program
  .command('start')
  .description('run everything: log, processors, view, API and page')
  .addOption(mode())
  .addOption(dataDir())
  .option('--port <port>', 'of the API and the page (PORT, default 3000)')
  .option('--host <address>', 'to listen on (HOST, default 127.0.0.1)')
  .option('--only <part...>', 'of processors, api, lake, poller, simulator: these alone (SEGUE_PARTS; needs mode kafka)')
  .option('--no-simulator', 'no simulated listeners (SEGUE_SIMULATOR=off)')
  .action(async (flags: CommonFlags) => {
    const { run } = await import('../main.js')
    process.exitCode = await run(configOf(flags))
  })

program
  .command('simulate')
  .description('publish whole days of simulated listening; a day is never published twice')
  .addOption(dataDir())
  .option('--days <n>', 'how many days', wholeNumber, 14)
  .option('--from <date>', 'the first day, as in 2026-01-31 (default: so that the last one is yesterday)')
  .option('--seed <text>', 'the same seed gives the same listeners and days', '1')
  .option('--listeners <n>', 'how many', wholeNumber, 200)
  .option('--tracks <n>', 'how many', wholeNumber, 3000)
  .option('--artists <n>', 'how many', wholeNumber, 300)
  .action(async flags => {
    const { simulateCommand } = await import('./commands/sources.js')
    process.exitCode = await simulateCommand(configOf(flags), flags)
  })

program
  .command('import')
  .description("import a person's Spotify data export (both shapes); importing again changes nothing")
  .argument('<path>', 'the directory, zip or JSON file that Spotify has sent')
  .requiredOption('--user <id>', 'whose history it is')
  .addOption(dataDir())
  .option('--include-private', 'take plays of private sessions too')
  .action(async (path: string, flags) => {
    const { importCommand } = await import('./commands/sources.js')
    process.exitCode = await importCommand(configOf(flags), path, flags)
  })

program
  .command('produce')
  .description('append JSON lines {"topic", "event"} to the input topics, as Avro')
  .argument('<file>', 'a file, or - for standard input')
  .addOption(dataDir())
  .action(async (file: string, flags: CommonFlags) => {
    const { produceCommand } = await import('./commands/sources.js')
    process.exitCode = await produceCommand(configOf(flags), file)
  })

program
  .command('topology')
  .description('print what is computed: sub-topologies, processors, topics, stores')
  .option('--mermaid', 'as a Mermaid flowchart')
  .action(async (flags: { mermaid?: boolean }) => {
    const { describeMermaid, describeText } = await import('../streams/describe.js')
    const { segueTopology } = await import('./topology.js')
    const topology = segueTopology(readConfig(process.env).partitions)
    process.stdout.write(`${flags.mermaid ? describeMermaid(topology) : describeText(topology)}\n`)
  })

program
  .command('dump')
  .description('print the computed state as JSON, after all input is committed')
  .addOption(dataDir())
  .addOption(mode())
  .option('--input <file>', 'run a file of {"topic", "event"} lines alone, in a fresh temporary directory')
  .action(async (flags: CommonFlags & { input?: string }) => {
    const { dumpCommand } = await import('./commands/dump.js')
    process.exitCode = await dumpCommand(configOf(flags), flags.input)
  })

program
  .command('evaluate')
  .description('quality of the strategies: each target is predicted before its event is learnt')
  .argument('<events>', 'JSON lines {user_id, track_id, artist_id, played_at}')
  .argument('<targets>', 'JSON lines {id}: 0-based indices of events')
  .option('--out <file>', 'write JSON lines {id, tracks} of one strategy')
  .addOption(new Option('--strategy <name>', 'which strategy --out writes').choices(['session', 'baseline']).default('session'))
  .action(async (events: string, targets: string, flags) => {
    const { evaluateCommand } = await import('./commands/evaluate.js')
    process.exitCode = await evaluateCommand(events, targets, flags)
  })

program
  .command('export')
  .description('print all that is kept of a listener, as JSON, from a running instance')
  .argument('<user>', "the listener's id")
  .addOption(dataDir())
  .action(async (user: string, flags: CommonFlags) => {
    const { exportCommand } = await import('./commands/personal-data.js')
    process.exitCode = await exportCommand(configOf(flags), user)
  })

program
  .command('erase')
  .description('forget a listener: all that is kept under their id, in a running instance')
  .argument('<user>', "the listener's id")
  .requiredOption('--confirm <user>', 'the id once more: this can not be undone')
  .addOption(dataDir())
  .action(async (user: string, flags: CommonFlags & { confirm: string }) => {
    const { eraseCommand } = await import('./commands/personal-data.js')
    process.exitCode = await eraseCommand(configOf(flags), user, flags.confirm)
  })

const key = program.command('key').description('API keys for machines, kept as hashes; a running instance takes note at once')

key
  .command('create')
  .description('make a key and print it, this once')
  .requiredOption('--user <id>', "whose: a listener's id, or a name for the machine")
  .addOption(new Option('--scope <scope...>', 'what it may do').choices(['listener', 'ingest', 'admin']).default(['listener']))
  .option('--name <text>', 'what it is for', '-')
  .option('--days <n>', 'how long it is good for (default: until it is revoked)', wholeNumber)
  .addOption(dataDir())
  .action(async flags => {
    const { createKeyCommand } = await import('./commands/keys.js')
    process.exitCode = createKeyCommand(configOf(flags), flags)
  })

key
  .command('list')
  .description('all keys, without their secrets')
  .addOption(dataDir())
  .action(async (flags: CommonFlags) => {
    const { listKeysCommand } = await import('./commands/keys.js')
    process.exitCode = listKeysCommand(configOf(flags))
  })

key
  .command('revoke')
  .description('end a key, at once')
  .argument('<id>', 'as segue key list shows it')
  .addOption(dataDir())
  .action(async (id: string, flags: CommonFlags) => {
    const { revokeKeyCommand } = await import('./commands/keys.js')
    process.exitCode = revokeKeyCommand(configOf(flags), id)
  })

const spotify = program
  .command('spotify')
  .description("listeners' Spotify accounts: what they play becomes events (SPOTIFY_CLIENT_ID; segue start polls them too)")

spotify
  .command('connect')
  .description('connect an account; its listener agrees in a browser')
  .option('--user <id>', "the listener's id in Segue (default: Spotify's id of the account)")
  .addOption(dataDir())
  .action(async (flags: CommonFlags & { user?: string }) => {
    const { connectCommand } = await import('./commands/spotify.js')
    process.exitCode = await connectCommand(configOf(flags), flags.user)
  })

spotify
  .command('status')
  .description('which accounts are connected, until when, and what was missed')
  .addOption(dataDir())
  .action(async (flags: CommonFlags) => {
    const { statusCommand } = await import('./commands/spotify.js')
    process.exitCode = statusCommand(configOf(flags))
  })

spotify
  .command('poll')
  .description('look at every connected player every five seconds, in a process of its own; events go to the running instance')
  .addOption(dataDir())
  .action(async (flags: CommonFlags) => {
    const { pollCommand } = await import('./commands/spotify.js')
    process.exitCode = await pollCommand(configOf(flags))
  })

spotify
  .command('backfill')
  .description('fetch what Spotify lists as played (at most 50 plays an account), once')
  .addOption(dataDir())
  .action(async (flags: CommonFlags) => {
    const { backfillCommand } = await import('./commands/spotify.js')
    process.exitCode = await backfillCommand(configOf(flags))
  })

spotify
  .command('disconnect')
  .description('forget an account and its tokens; its events stay')
  .requiredOption('--user <id>', 'whose')
  .addOption(dataDir())
  .action(async (flags: CommonFlags & { user: string }) => {
    const { disconnectCommand } = await import('./commands/spotify.js')
    process.exitCode = disconnectCommand(configOf(flags), flags.user)
  })

// Whoever reads what is printed may stop early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

addOperating<CommonFlags>(program, { dataDir, mode, configOf })
addLake<CommonFlags>(program, { dataDir, configOf })
addWarehouse(program)

for (const command of program.commands) {
  const text = examples[command.name()]
  if (text !== undefined) command.addHelpText('after', `\nExamples:${text}`)
}

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(scrubber(process.env)(`${sentenceOf(error)}\n`))
  process.exitCode = 1
}
