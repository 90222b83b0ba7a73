import { join } from 'node:path'
import t from 'tap'
import { readWarehouse } from '../../config-warehouse.js'
import { migrate, readMigrations } from '../../connect/warehouse/migrations.js'
import type { Warehouse } from '../../connect/warehouse/snowflake.js'
import { projectRoot } from '../../schemas/root.js'
import { externalTables } from '../../tools/commands/warehouse.js'

const values = { warehouse: 'SEGUE_WH', database: 'SPOTIFY_DATA', lake: 's3://music/lake', aws_role: 'arn:aws:iam::1:role/segue' }
const migrations = () => readMigrations(join(projectRoot, 'dbt/snowflake'), values)

/** Keeps what was executed, and remembers what was recorded; `failsAt`: part of the statement that fails once. */
class Recorder implements Warehouse {
  readonly executed: string[] = []
  readonly applied: { VERSION: number; CHECKSUM: string }[] = []
  failsAt: string | undefined

  async execute(sql: string, binds: readonly string[] = []): Promise<Record<string, unknown>[]> {
    if (this.failsAt !== undefined && sql.includes(this.failsAt)) throw new Error('Insufficient privileges')
    this.executed.push(sql)
    if (sql.startsWith('SELECT VERSION')) return this.applied
    const version = /^INSERT INTO SPOTIFY_DATA.PUBLIC.SEGUE_MIGRATIONS SELECT (\d+)/.exec(sql)?.[1]
    if (version !== undefined) this.applied.push({ VERSION: Number(version), CHECKSUM: binds[1]! })
    return []
  }

  async close(): Promise<void> {}
}

t.test('each migration once, in order; what broke off is repeated; what has changed is refused', async t => {
  const warehouse = new Recorder()
  const said: string[] = []
  const say = (sentence: string) => void said.push(sentence)
  warehouse.failsAt = 'CREATE STORAGE INTEGRATION'
  await t.rejects(migrate(warehouse, 'SPOTIFY_DATA', migrations(), say), {
    message: '003_stage: Insufficient privileges (in: CREATE STORAGE INTEGRATION IF NOT EXISTS SEGUE_LAKE)'
  })
  t.equal(said.length, 2)
  warehouse.failsAt = undefined
  await migrate(warehouse, 'SPOTIFY_DATA', migrations(), say)
  t.same(
    warehouse.applied.map(({ VERSION }) => VERSION),
    [1, 2, 3, 4, 5]
  )
  said.length = 0
  await migrate(warehouse, 'SPOTIFY_DATA', migrations(), say)
  t.same(said, [], 'nothing is left to do')
  const changed = migrations().map(migration => (migration.version === 4 ? { ...migration, checksum: 'other' } : migration))
  await t.rejects(migrate(warehouse, 'SPOTIFY_DATA', changed, say), /004_external_tables has changed since it was applied/)
})

t.test('the SQL: external tables that are refreshed by hand, roles that have no more than they need', async t => {
  const statements = migrations().flatMap(migration => migration.statements)
  t.notMatch(statements.join('\n'), /\$\{/, 'every value is filled in')
  for (const table of externalTables) {
    const text = statements.find(statement => statement.startsWith(`CREATE EXTERNAL TABLE IF NOT EXISTS SPOTIFY_DATA.BRONZE.${table} (`))
    t.match(text, /AUTO_REFRESH = FALSE/, table)
  }
  const plays = statements.find(statement => statement.includes('BRONZE.RAW_PLAYS ('))
  for (const column of ['event_id', 'user_id', 'track_id', 'played_at', 'duration_ms', 'device_type']) t.match(plays, `  ${column} `)
  const grants = statements.filter(statement => statement.startsWith('GRANT'))
  t.notMatch(grants.join('\n'), /ALL PRIVILEGES|ACCOUNTADMIN|WITH GRANT OPTION/)
  for (const grant of grants.filter(text => text.endsWith('ROLE SEGUE_ANALYST')))
    t.match(grant, /^GRANT (USAGE|SELECT) /, 'an analyst reads and nothing else')
  t.notMatch(grants.filter(text => text.includes('SEGUE_TRANSFORMER')).join('\n'), /OWNERSHIP|INTEGRATION|STAGE/)
})

t.test('what is missing is said at once, in sentences, and no secret with it', async t => {
  t.throws(() => readWarehouse({ SNOWFLAKE_DATABASE: 'a; drop', SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'hush' }, true), {
    message:
      /S3_BUCKET is missing[\s\S]*SNOWFLAKE_AWS_ROLE is missing[\s\S]*PRIVATE_KEY_PATH is missing[\s\S]*ACCOUNT is missing[\s\S]*USER is missing[\s\S]*DATABASE is "a; drop"/
  })
  t.match(readWarehouse({ SNOWFLAKE_ACCOUNT: 'a', SNOWFLAKE_USER: 'u', SNOWFLAKE_TOKEN: 't' }, false), {
    role: 'SEGUE_LOADER',
    database: 'SPOTIFY_DATA',
    credentials: { token: 't' }
  })
})
