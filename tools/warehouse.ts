import type { Command } from 'commander'

/** Adds `segue warehouse`. */
export function addWarehouse(program: Command): void {
  const warehouse = program
    .command('warehouse')
    .description('the warehouse on Snowflake (docs/warehouse.md); on DuckDB there is nothing to do')

  warehouse
    .command('setup')
    .description('create what is missing: warehouse, database, roles, stage, external tables')
    .option('--dry-run', 'print the SQL; connects to nothing')
    .action(async (flags: { dryRun?: boolean }) => {
      const { warehouseSetup } = await import('./commands/warehouse.js')
      process.exitCode = await warehouseSetup(process.env, flags)
    })

  warehouse
    .command('refresh')
    .description('make the external tables list the lake anew')
    .action(async () => {
      const { warehouseRefresh } = await import('./commands/warehouse.js')
      process.exitCode = await warehouseRefresh(process.env)
    })
}
