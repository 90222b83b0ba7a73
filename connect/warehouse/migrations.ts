/** Versioned SQL: each file of dbt/snowflake once, in order of its number, remembered in a table with its checksum. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Warehouse } from './snowflake.js'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly statements: readonly string[]
}

/** Reads `001_what.sql`, ...: statements end with a semicolon at the end of a line; `${name}` stands for a value. */
export function readMigrations(directory: string, values: Readonly<Record<string, string>>): Migration[] {
  return readdirSync(directory)
    .filter(file => file.endsWith('.sql'))
    .sort()
    .map(file => {
      const text = readFileSync(join(directory, file), 'utf8')
      const filled = text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
        const value = values[name]
        if (value === undefined) throw new Error(`${file} asks for ${name}, which is not given.`)
        return value
      })
      return {
        version: Number(file.split('_', 1)[0]),
        name: file.slice(0, -4),
        checksum: createHash('sha256').update(text).digest('hex'),
        statements: filled
          .replace(/^--.*\n/gm, '')
          .split(/;\s*(?:\n|$)/)
          .map(statement => statement.trim())
          .filter(statement => statement !== '')
      }
    })
}

/**
 * Applies what is not applied yet. The first one makes the database in which the others are remembered; each statement may run
 * twice, so a set-up that broke off is simply repeated.
 * @throws Error a migration that was applied has been changed since; or Snowflake's sentence, with the statement's first line
 */
export async function migrate(
  warehouse: Warehouse,
  database: string,
  migrations: readonly Migration[],
  say: (sentence: string) => void
): Promise<void> {
  const run = async ({ name, statements }: Migration) => {
    for (const statement of statements)
      await warehouse.execute(statement).catch(error => {
        throw new Error(`${name}: ${(error as Error).message} (in: ${statement.split('\n', 1)[0]})`)
      })
  }
  const [first, ...rest] = migrations
  if (first === undefined) return
  await run(first)
  const table = `${database}.PUBLIC.SEGUE_MIGRATIONS`
  await warehouse.execute(`CREATE TABLE IF NOT EXISTS ${table} (VERSION INTEGER, NAME VARCHAR, CHECKSUM VARCHAR, APPLIED_AT TIMESTAMP_NTZ)`)
  const applied = new Map(
    (await warehouse.execute(`SELECT VERSION, CHECKSUM FROM ${table}`)).map(row => [Number(row.VERSION), String(row.CHECKSUM)])
  )
  for (const migration of [first, ...rest]) {
    const known = applied.get(migration.version)
    if (known === migration.checksum) continue
    if (known !== undefined) throw new Error(`${migration.name} has changed since it was applied: add a new file instead.`)
    if (migration !== first) await run(migration)
    await warehouse.execute(`INSERT INTO ${table} SELECT ${migration.version}, ?, ?, CURRENT_TIMESTAMP()`, [
      migration.name,
      migration.checksum
    ])
    say(`${migration.name}: ${migration.statements.length} statements`)
  }
}
