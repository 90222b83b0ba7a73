import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readMigrations } from '../../../connect/warehouse/migrations.js'
import { projectRoot } from '../../../schemas/root.js'
import { externalTables } from '../../../tools/commands/warehouse.js'
import { differences } from '../../../tools/dump-equality.js'
import { batchDump, type Queries } from '../batch-dump.js'
import { startStandIn } from '../stand-in.js'
import { Placing, requirePython, run, Warehouse } from '../support.js'
import { expectedOfVectors, originalQueries, originalTables, vectorLines } from '../vectors.js'

const values = { warehouse: 'SEGUE_WH', database: 'SPOTIFY_DATA', lake: 's3://music', aws_role: 'arn:aws:iam::1:role/segue' }
const versions = readMigrations(join(projectRoot, 'dbt/snowflake'), values)

/** All rows of a table, in an order, as text that does not depend on how a driver tells numbers and times. */
async function contents(warehouse: Queries, table: string, columns: string): Promise<string[]> {
  const text = (value: unknown) => {
    if (value === null || value === undefined || value === '') return ''
    if (value instanceof Date) return value.toISOString().slice(0, 19)
    if (typeof value === 'number' || /^-?[\d.]+(e-?\d+)?$/.test(String(value))) return Number(value).toPrecision(9)
    return String(value)
      .replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00:00')
      .replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d).*$/, '$1T$2')
  }
  const rows = await warehouse.query<Record<string, unknown>>(`select ${columns} from ${table}`)
  return rows
    .map(row =>
      columns
        .split(', ')
        .map(name => text(row[name]))
        .join(' | ')
    )
    .sort()
}

if (requirePython(t, 'dbt', 'snowflake'))
  t.test('on what speaks Snowflake’s protocol: set-up, refresh and dbt build, and the same numbers as on DuckDB', async t => {
    const duckdb = new Warehouse(t.testdir())
    const lines = vectorLines()
    const placing = new Placing(Date.UTC(2026, 0, 1))
    const place = (line: string) => {
      const { topic, event } = JSON.parse(line) as { topic: string; event: { user_id: string } }
      return placing.place(topic, event)
    }
    await duckdb.write([...lines.map(place), { ...place(lines[0]!), event: null }])
    const vectors = expectedOfVectors()
    const expected = { ...vectors, rejected: { ...vectors.rejected, UNDECODABLE: (vectors.rejected.UNDECODABLE ?? 0) + 1 } }
    const snowflake = await startStandIn(t, duckdb.directory)
    const said = ({ output }: { output: string }) => output.split('\n').filter(line => line !== '')

    const first = await snowflake.segue(['warehouse', 'setup'])
    t.equal(first.code, 0, first.output)
    const applied = versions.map(({ name, statements }) => `${name}: ${statements.length} statements`)
    t.strictSame(said(first), [...applied, 'SPOTIFY_DATA is up to date.'], 'each version once, told by name')
    const wanted = versions.flatMap(({ statements }) => statements)
    t.strictSame(
      wanted.filter(statement => !snowflake.statements.includes(statement)),
      [],
      'every statement was sent as it is written'
    )
    snowflake.statements.length = 0
    const again = await snowflake.segue(['warehouse', 'setup'], snowflake.token)
    t.strictSame(said(again), ['SPOTIFY_DATA is up to date.'], 'the second time nothing is left to do')
    t.notMatch(snowflake.statements.join('\n'), /EXTERNAL TABLE|GRANT/)

    const refreshed = await snowflake.segue(['warehouse', 'refresh'])
    t.equal(refreshed.code, 0, refreshed.output)
    for (const table of externalTables) t.match(refreshed.output, new RegExp(`${table}: [1-9]\\d* files changed`))
    const nothing = await snowflake.segue(['warehouse', 'refresh'])
    t.strictSame(
      said(nothing),
      externalTables.map(table => `${table}: 0 files changed`)
    )

    const built = await snowflake.dbt(['build'])
    t.equal(built.code, 0, built.output)
    t.match(built.output, /WARN=0 ERROR=0 SKIP=0/, 'dbt build')
    t.same(differences(expected, await batchDump(snowflake)), [], 'both vectors')
    await duckdb.dbt(['build', '--exclude-resource-type', 'test', '--exclude-resource-type', 'unit_test'])
    for (const [table, columns] of Object.entries(originalTables)) {
      const [wanted, found] = [await contents(duckdb, table, columns), await contents(snowflake, table, columns)]
      const at = wanted.findIndex((row, i) => row !== found[i])
      if (at >= 0) t.equal(found[at], wanted[at], `${table}, row ${at}`)
      t.equal(found.length, wanted.length, `${table} has the same rows`)
    }
    const gold = await snowflake.query<{ song_name: string }>(originalQueries.gold.replace(';', ''))
    t.equal(gold[0]?.song_name, 'Track 0')
    t.equal((await snowflake.query(originalQueries.silver.replace(';', ''))).length, (await duckdb.query(originalQueries.silver)).length)

    const increment = await snowflake.dbt(['build', '--select', '+checked_events', '--exclude-resource-type', 'unit_test'], snowflake.token)
    t.equal(increment.code, 0, increment.output)
    t.same(differences(expected, await batchDump(snowflake)), [], 'reading again what is known changes nothing')
    const by = (client: string, authenticator: string) =>
      snowflake.logins.filter(login => login.client_app_id === client && login.authenticator === authenticator && login.refused === null)
        .length
    for (const client of ['JavaScript', 'PythonConnector'])
      for (const authenticator of ['SNOWFLAKE_JWT', 'PROGRAMMATIC_ACCESS_TOKEN'])
        t.ok(by(client, authenticator) > 0, `${client} signed in by ${authenticator}`)
    t.strictSame([...new Set(snowflake.logins.map(({ role }) => role))].sort(), ['ACCOUNTADMIN', 'SEGUE_LOADER', 'SEGUE_TRANSFORMER'])
  })

if (requirePython(t, 'dbt'))
  t.test('the DDL is Snowflake’s grammar, as sqlfluff knows it', async t => {
    const parse = async (text: string) => {
      const file = join(t.testdir(), 'ddl.sql')
      writeFileSync(file, text)
      return run(join(projectRoot, '.venv/dbt/bin/sqlfluff'), ['parse', '--dialect', 'snowflake', '--templater', 'raw', file])
    }
    const ddl = versions.flatMap(({ statements }) => statements.map(statement => `${statement};\n`)).join('\n')
    const { code, output } = await parse(ddl)
    t.equal(
      code,
      0,
      output
        .split('\n')
        .filter(line => line.includes('nparsable'))
        .join('\n') || 'it parses'
    )
    t.not((await parse(ddl.replace('CREATE STAGE IF NOT EXISTS', 'CREATE STAGE UNLESS EXISTS'))).code, 0, 'what is none is found')
  })

if (requirePython(t, 'snowflake'))
  t.test('a wrong token, passphrase or key is refused in a sentence without the secret', async t => {
    const snowflake = await startStandIn(t, t.testdir())
    const other = await startStandIn(t, t.testdir())
    const wrong = {
      token: { ...snowflake.token, SNOWFLAKE_TOKEN: 'not-the-token' },
      passphrase: { ...snowflake.keyPair, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'not-the-passphrase' },
      key: { ...snowflake.keyPair, SNOWFLAKE_PRIVATE_KEY_PATH: other.keyPair.SNOWFLAKE_PRIVATE_KEY_PATH! }
    }
    for (const [what, environment] of Object.entries(wrong)) {
      const { code, output } = await snowflake.segue(['warehouse', 'refresh'], environment)
      t.equal(code, 1, what)
      t.not(output.trim(), '', what)
      t.notMatch(output, /not-the-/, what)
      t.notMatch(output, /\n +at /, 'no stack')
    }
    t.strictSame(
      snowflake.logins.map(({ refused }) => refused),
      ['The access token', "The JWT's signature"]
    )
    t.strictSame(snowflake.statements, [])
  })
