/** What the warehouse has computed for the overview. Given to the API by whoever composes the program. */
export interface Warehouse {
  /** Undefined: the tables have not been built yet. @throws Error with a sentence: they can't be read */
  overview(): Promise<WarehouseOverview | undefined>
  /** The command that builds them. */
  readonly command: string
}

interface Sums {
  readonly plays: number
  readonly listening_ms: number
}

/** Times are milliseconds, days and hours labels in UTC; lists begin with the first day, hour or place. */
export interface WarehouseOverview {
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
