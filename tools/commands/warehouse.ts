import { join } from 'node:path'
import { readWarehouse } from '../../config-warehouse.js'
import { migrate, readMigrations } from '../../connect/warehouse/migrations.js'
import type { SnowflakeOptions } from '../../connect/warehouse/snowflake.js'
import { projectRoot } from '../../schemas/root.js'

// The driver takes a second to load, and only these two need it.
const connect = async (options: SnowflakeOptions) => (await import('../../connect/warehouse/snowflake.js')).connectSnowflake(options)

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)

export const externalTables = ['RAW_PLAYS', 'RAW_SKIPS', 'RAW_LIKES', 'RAW_EVENTS', 'RAW_UNDECODABLE']

/** Applies dbt/snowflake to the account. */
export async function warehouseSetup(environment: NodeJS.ProcessEnv, flags: { dryRun?: boolean }): Promise<number> {
  const config = readWarehouse(environment, true)
  const migrations = readMigrations(join(projectRoot, 'dbt/snowflake'), {
    warehouse: config.warehouse,
    database: config.database,
    lake: config.lake,
    aws_role: config.awsRole
  })
  if (flags.dryRun) {
    for (const { name, statements } of migrations) process.stdout.write(`-- ${name}\n${statements.join(';\n\n')};\n\n`)
    return 0
  }
  const warehouse = await connect(config)
  try {
    await migrate(warehouse, config.database, migrations, say)
  } finally {
    await warehouse.close()
  }
  say(`${config.database} is up to date.`)
  return 0
}

/** Makes the external tables list the lake anew. */
export async function warehouseRefresh(environment: NodeJS.ProcessEnv): Promise<number> {
  const config = readWarehouse(environment, false)
  const warehouse = await connect(config)
  try {
    for (const table of externalTables) {
      const files = await warehouse.execute(`ALTER EXTERNAL TABLE ${config.database}.BRONZE.${table} REFRESH`)
      say(`${table}: ${files.length} files changed`)
    }
  } finally {
    await warehouse.close()
  }
  return 0
}
