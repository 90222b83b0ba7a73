/** Commands for who runs an application: how far it is, what its stores hold, what it rejected, computing it again. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Config } from '../config.js'

/** What the command line shares. */
export interface Shared<F> {
  dataDir(): Option
  mode(): Option
  configOf(flags: F): Config
}

interface Common {
  readonly applicationId?: string
}

const integer = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value)) throw new InvalidArgumentError('Give a whole number.')
  return value
}

const several = (text: string, before: readonly string[]): string[] => [...before, text]

export function addOperating<F>(program: Command, { dataDir, mode, configOf }: Shared<F>): void {
  const command = (parent: Command, name: string, description: string) =>
    parent
      .command(name)
      .description(description)
      .addOption(mode())
      .addOption(dataDir())
      .addOption(new Option('--application-id <id>', 'which application (SEGUE_APPLICATION_ID, default segue)'))
  const configured = (flags: Common) => ({
    ...configOf(flags as F),
    ...(flags.applicationId === undefined ? {} : { applicationId: flags.applicationId })
  })

  command(program, 'lag', 'records that are still to be read, and who takes part').action(async flags => {
    const { lagCommand } = await import('./commands/lag.js')
    process.exitCode = await lagCommand(configured(flags))
  })

  command(program, 'inspect', 'what a store has under a key, whichever instance has it')
    .argument('<store>', 'as segue topology names it')
    .argument('<key>')
    .option('--window <number>', 'of a key with windows, which: in user-days, the days since 1970', Number, 0)
    .action(async (store: string, key: string, flags) => {
      const { inspectCommand } = await import('./commands/inspect.js')
      process.exitCode = await inspectCommand(configured(flags), store, key, flags.window)
    })

  const again = (parent: Command, name: string, description: string) =>
    command(parent, name, description)
      .option('--sub-topology <name>', 'this one and those that read what it writes')
      .option('--execute', 'do it; without, only show what would be done')

  again(program, 'reset', 'forget all that was computed: the next start computes it from the beginning').action(async flags => {
    const { replayCommand } = await import('./commands/replay.js')
    process.exitCode = await replayCommand(configured(flags), { ...flags, toEarliest: true, topic: [] })
  })

  again(program, 'replay', 'compute again from a position of the input')
    .option('--to-earliest', 'from the beginning')
    .option('--to-datetime <time>', 'from the first record at or after a time, as 2026-01-31T12:00:00Z')
    .option('--to-offset <n>', 'from an offset', integer)
    .option('--by-duration <duration>', 'from so long ago, as 90m, 12h or 7d')
    .option('--shift-by <n>', 'from the committed offset and so many records on, or back (-100)', integer)
    .option(
      '--topic <name[:partitions]>',
      'the position is for these (as spotify-plays:0,2), the rest begins at 0; repeatable',
      several,
      []
    )
    .option('--from-lake [place]', 'instead: rebuild empty input topics, with their record times, from SEGUE_LAKE or another lake')
    .action(async flags => {
      if (flags.fromLake === undefined) {
        const { replayCommand } = await import('./commands/replay.js')
        process.exitCode = await replayCommand(configured(flags), flags)
      } else {
        const { replayLakeCommand } = await import('./commands/replay-lake.js')
        const place = flags.fromLake === true ? undefined : flags.fromLake
        process.exitCode = await replayLakeCommand(configured(flags), place, flags.execute === true)
      }
    })

  command(program, 'reconcile', 'compare what the stream has computed with what dbt computes from the lake, key by key, at one exact cut')
    .option('--repair', 'add the differences to the stores, and compare once more')
    .option('--max-pause <ms>', 'the stream goes on after so long, whatever happens', integer, 10_000)
    .action(async flags => {
      const { reconcileCommand } = await import('./commands/reconcile.js')
      process.exitCode = await reconcileCommand(configured(flags), flags)
    })

  command(program, 'switch', 'answer from an application that has caught up beside the live one (mode kafka)')
    .option('--max-lag <n>', 'caught up: no more than so many records are waiting', integer, 100)
    .option('--execute', 'wait until it has caught up, and switch; without, only show how far it is')
    .action(async flags => {
      const { switchCommand } = await import('./commands/applications.js')
      process.exitCode = await switchCommand(configured(flags), flags)
    })

  command(program, 'drop', 'remove an application that is not live: its topics, offsets and values (mode kafka)')
    .option('--execute', 'do it; without, only show what would be removed')
    .action(async flags => {
      const { dropCommand } = await import('./commands/applications.js')
      process.exitCode = await dropCommand(configured(flags), flags)
    })

  const letters = program.command('dlq').description('dead letters: records that were rejected')
  command(letters, 'list', 'one line each')
    .option('--code <code>', 'only those rejected with this code')
    .action(async flags => {
      const { listLetters } = await import('./commands/dead-letters.js')
      process.exitCode = await listLetters(configured(flags), flags)
    })
  command(letters, 'show', 'all that is known of one')
    .argument('<id>')
    .action(async (id: string, flags) => {
      const { showLetter } = await import('./commands/dead-letters.js')
      process.exitCode = await showLetter(configured(flags), id)
    })
  command(letters, 'retry', 'send them again to where they came from')
    .argument('[ids...]')
    .option('--code <code>', 'all that were rejected with this code')
    .option('--execute', 'do it; without, only show which')
    .action(async (ids: string[], flags) => {
      const { retryLetters } = await import('./commands/dead-letters.js')
      process.exitCode = await retryLetters(configured(flags), ids, flags)
    })
}
