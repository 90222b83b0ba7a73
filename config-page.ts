/** What the page shows and may do beside what the API does. */
import { join } from 'node:path'
import { ConfigError, type Reader } from './config.js'
import { readWarehouse, type WarehouseConfig } from './config-warehouse.js'

export type GoldConfig =
  /** What dbt leaves beside its DuckDB file. */
  { readonly target: 'duckdb'; readonly directory: string } | { readonly target: 'snowflake'; readonly warehouse: WarehouseConfig }

export interface PageConfig {
  /** Where the overview finds the warehouse's tables. */
  readonly gold: GoldConfig
  /** Whether tasks may be killed, to show that nothing is lost. Never in production. */
  readonly chaos: boolean
}

export const readPage = (read: Reader): PageConfig => ({ gold: readGold(read), chaos: readChaos(read) })

/** On where it is somebody's own machine: embedded, without sign-in. */
function readChaos(read: Reader): boolean {
  const production = read.optional('NODE_ENV') === 'production'
  const own = read.text('SEGUE_MODE', 'embedded') === 'embedded' && read.text('SEGUE_AUTH', 'off') === 'off'
  const chaos = read.choice('SEGUE_CHAOS', ['on', 'off'], own && !production ? 'on' : 'off') === 'on'
  if (chaos && production) read.problems.push('SEGUE_CHAOS is on and NODE_ENV is production: tasks are killed in development only.')
  return chaos
}

/** As dbt reads SEGUE_DBT_TARGET and SEGUE_WAREHOUSE. */
function readGold(read: Reader): GoldConfig {
  const file = read.text('SEGUE_WAREHOUSE', join(read.text('SEGUE_DATA_DIR', 'data'), 'warehouse.duckdb'))
  const files: GoldConfig = { target: 'duckdb', directory: `${file}.gold` }
  if (read.choice('SEGUE_DBT_TARGET', ['duckdb', 'snowflake'], 'duckdb') === 'duckdb') return files
  try {
    // It only reads gold: the role that may do that and nothing else.
    const warehouse = readWarehouse({ SNOWFLAKE_ROLE: 'SEGUE_ANALYST', ...read.environment }, false)
    return { target: 'snowflake', warehouse }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    read.problems.push(error.message)
    return files
  }
}
