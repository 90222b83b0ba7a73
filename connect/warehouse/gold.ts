/** The tables of gold that the overview shows, from wherever they are, in one shape. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'

export const goldTables = ['overview', 'listening_trends', 'top_tracks', 'top_artists', 'device_usage'] as const
export type GoldTable = (typeof goldTables)[number]
/** As DuckDB, Parquet or Snowflake give them; names in any case. */
export type Rows = readonly Readonly<Record<string, unknown>>[]

export interface Tables {
  /** When the tables were built, milliseconds. */
  readonly builtAt: number
  read(table: GoldTable): Promise<Rows>
}

interface Sums {
  readonly plays: number
  readonly listening_ms: number
}

/** Times are milliseconds, days and hours labels in UTC (2026-01-31, 2026-01-31T17). */
export interface GoldOverview {
  readonly builtAt: number
  readonly totals: Sums & {
    readonly tracks: number
    readonly artists: number
    readonly listeners: number
    readonly firstPlayAt: number | null
    readonly lastPlayAt: number | null
  }
  readonly days: readonly (Sums & { readonly day: string })[]
  readonly hours: readonly (Sums & { readonly hour: string })[]
  readonly devices: readonly (Sums & { readonly device_type: string })[]
  readonly topTracks: readonly { track_id: string; track_name: string; artist_id: string; artist_name: string; plays: number }[]
  readonly topArtists: readonly { artist_id: string; artist_name: string; plays: number }[]
}

/** Reads what dbt leaves beside its DuckDB file (dbt/macros/export.sql). Undefined: it has not been built. */
export async function goldFiles(directory: string): Promise<Tables | undefined> {
  const path = (table: GoldTable) => join(directory, `${table}.parquet`)
  const times: number[] = []
  for (const table of goldTables) {
    const found = await stat(path(table)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    if (found === undefined) return undefined
    times.push(found.mtimeMs)
  }
  const read = async (table: GoldTable) => {
    const bytes = await readFile(path(table))
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
    return (await parquetReadObjects({ file })) as Rows
  }
  return { builtAt: Math.max(...times), read }
}

/** @throws Error a table lacks a column, or has another type: it is not one of dbt's */
export async function overviewOf({ builtAt, read }: Tables): Promise<GoldOverview> {
  const [overview, trends, tracks, artists, devices] = await Promise.all(goldTables.map(async table => rowsOf(table, await read(table))))
  const of = <K extends string>(period: K, length: number) =>
    trends!
      .filter(row => row.text('period') === period)
      .sort((a, b) => a.time('period_start')! - b.time('period_start')!)
      .map(row => ({ ...row.sums(), [period]: iso(row.time('period_start')!).slice(0, length) })) as unknown as (Sums & Record<K, string>)[]
  const top = (rows: readonly Row[]) =>
    rows.filter(row => row.text('chart_window') === 'all').sort((a, b) => a.number('chart_rank') - b.number('chart_rank'))
  const [total] = overview!
  if (total === undefined) throw new Error('gold.overview has no row.')
  return {
    builtAt,
    totals: {
      ...total.sums(),
      tracks: total.number('tracks'),
      artists: total.number('artists'),
      listeners: total.number('listeners'),
      firstPlayAt: total.time('first_play_at'),
      lastPlayAt: total.time('last_play_at')
    },
    days: of('day', 10),
    hours: of('hour', 13),
    devices: devices!
      .map(row => ({ ...row.sums(), device_type: row.text('device_type') }))
      .sort((a, b) => b.plays - a.plays || (a.device_type < b.device_type ? -1 : 1)),
    topTracks: top(tracks!).map(row => ({
      track_id: row.text('track_id'),
      track_name: row.text('track_name'),
      artist_id: row.text('artist_id'),
      artist_name: row.text('artist_name'),
      plays: row.number('plays')
    })),
    topArtists: top(artists!).map(row => ({
      artist_id: row.text('artist_id'),
      artist_name: row.text('artist_name'),
      plays: row.number('plays')
    }))
  }
}

const iso = (time: number): string => new Date(time).toISOString()

const rowsOf = (table: GoldTable, rows: Rows): Row[] => rows.map(row => new Row(table, row))

/** A row whose columns are read by name and type. */
class Row {
  readonly #values: Map<string, unknown>

  constructor(
    private readonly table: GoldTable,
    row: Readonly<Record<string, unknown>>
  ) {
    this.#values = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]))
  }

  number(name: string): number {
    const value = this.#values.get(name)
    if (typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'string' && value !== '')) {
      const number = Number(value)
      if (Number.isFinite(number)) return number
    }
    throw this.#wrong(name, 'a number')
  }

  text(name: string): string {
    const value = this.#values.get(name)
    if (typeof value === 'string') return value
    throw this.#wrong(name, 'a text')
  }

  /** Milliseconds. */
  time(name: string): number | null {
    const value = this.#values.get(name)
    if (value === null || value === undefined) return null
    const time = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : Number.NaN
    if (Number.isFinite(time)) return time
    throw this.#wrong(name, 'a time')
  }

  sums(): Sums {
    return { plays: this.number('plays'), listening_ms: this.number('listening_ms') }
  }

  #wrong(name: string, what: string): Error {
    return new Error(`gold.${this.table} has no ${name} that is ${what}: build the warehouse anew with dbt.`)
  }
}
