/** Where the page's overview finds gold: what dbt has exported, or Snowflake. */
import type { Warehouse, WarehouseOverview } from '../api/overview.js'
import type { GoldConfig } from '../config-page.js'
import { type GoldTable, goldFiles, goldTables, overviewOf, type Rows, type Tables } from '../connect/warehouse/gold.js'

/** Snowflake bills by the minute, and gold changes by the hour. */
const KEEP_MS = 300_000

export function openWarehouse(config: GoldConfig, now: () => number): Warehouse {
  if (config.target === 'duckdb')
    return { command: 'npm run python:setup && dbt/bin/dbt build', overview: whenBuilt(() => goldFiles(config.directory)) }
  let kept: { at: number; overview: Promise<WarehouseOverview | undefined> } | undefined
  const read = whenBuilt(() => snowflakeTables(config))
  return {
    command: 'SEGUE_DBT_TARGET=snowflake dbt/bin/dbt build',
    overview() {
      if (kept === undefined || now() - kept.at > KEEP_MS) {
        const overview = read()
        kept = { at: now(), overview }
        // What failed is tried again at the next call.
        overview.catch(() => {
          kept = undefined
        })
      }
      return kept.overview
    }
  }
}

/** Reads the tables anew when they were built anew. */
function whenBuilt(find: () => Promise<Tables | undefined>): () => Promise<WarehouseOverview | undefined> {
  let last: WarehouseOverview | undefined
  return async () => {
    const tables = await find()
    if (tables === undefined) return undefined
    if (last?.builtAt !== tables.builtAt) last = await overviewOf(tables)
    return last
  }
}

/** All of them at once, so that the connection does not stay open. Undefined: dbt has not built them. */
async function snowflakeTables({ warehouse: options }: Extract<GoldConfig, { target: 'snowflake' }>): Promise<Tables | undefined> {
  // The driver takes a second to load.
  const { connectSnowflake } = await import('../connect/warehouse/snowflake.js')
  const warehouse = await connectSnowflake(options)
  try {
    const names = goldTables.map(name => `'${name.toUpperCase()}'`).join(', ')
    const known = await warehouse.execute(
      `SELECT TABLE_NAME, LAST_ALTERED FROM ${options.database}.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'GOLD' AND TABLE_NAME IN (${names})`
    )
    if (known.length < goldTables.length) return undefined
    const rows = new Map<GoldTable, Rows>()
    for (const table of goldTables)
      rows.set(table, await warehouse.execute(`SELECT * FROM ${options.database}.GOLD.${table.toUpperCase()}`))
    const builtAt = Math.max(...known.map(({ LAST_ALTERED }) => new Date(LAST_ALTERED as string | Date).getTime()))
    return { builtAt, read: async table => rows.get(table)! }
  } finally {
    await warehouse.close()
  }
}
