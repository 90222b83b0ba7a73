import type { Command, Option } from 'commander'
import type { Config } from '../config.js'

interface Common<F> {
  dataDir(): Option
  configOf(flags: F): Config
}

/** Adds `segue lake`. */
export function addLake<F>(program: Command, { dataDir, configOf }: Common<F>): void {
  const lake = program.command('lake').description('what has arrived, as Parquet in a directory or an S3 bucket (docs/lake.md)')

  lake
    .command('ls')
    .description('what is there: files and sizes by table and day')
    .addOption(dataDir())
    .option('--table <name>', 'of one table, such as spotify_plays')
    .option('--files', 'the files themselves, those to read and no others')
    .action(async (flags: F & { table?: string; files?: boolean }) => {
      const { lakeLs } = await import('./commands/lake.js')
      process.exitCode = await lakeLs(configOf(flags), flags)
    })

  lake
    .command('verify')
    .description('read every file: each one is intact, each offset is there once, none is missing')
    .addOption(dataDir())
    .action(async (flags: F) => {
      const { lakeVerify } = await import('./commands/lake.js')
      process.exitCode = await lakeVerify(configOf(flags))
    })

  lake
    .command('compact')
    .description('merge the small files of hours that are over (segue start does it by itself)')
    .addOption(dataDir())
    .option('--delete-now', 'delete merged files at once: for when nobody reads')
    .action(async (flags: F & { deleteNow?: boolean }) => {
      const { lakeCompact } = await import('./commands/lake.js')
      process.exitCode = await lakeCompact(configOf(flags), flags)
    })

  lake
    .command('erase')
    .description('write files of hours that are over anew, without the listeners who were erased (segue erase)')
    .addOption(dataDir())
    .option('--delete-now', 'delete the files with their rows at once: for when nobody reads')
    .action(async (flags: F & { deleteNow?: boolean }) => {
      const { lakeErase } = await import('./commands/lake.js')
      process.exitCode = await lakeErase(configOf(flags), flags)
    })

  lake
    .command('flush')
    .description('write everything that is in the log into the lake now')
    .addOption(dataDir())
    .action(async (flags: F) => {
      const { lakeFlush } = await import('./commands/lake.js')
      process.exitCode = await lakeFlush(configOf(flags))
    })
}
