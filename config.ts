/** Configuration from the environment; flags of the command line come first. All problems are reported at once. */
export interface Config {
  readonly mode: 'embedded'
  readonly host: string
  readonly port: number
  readonly dataDir: string
  readonly store: 'lmdb' | 'level'
  readonly partitions: number
  readonly commitIntervalMs: number
  readonly maxCommitRecords: number
  /** Megabytes of merge-store values kept in memory, over all tasks. */
  readonly storeCacheMb: number
  readonly fsync: boolean
  readonly simulator: boolean
  /** Live simulated events per second. */
  readonly simulatorRate: number
  readonly simulatorSeed: number
  readonly recommendationTtlMs: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

export class ConfigError extends Error {
  override name = 'ConfigError'
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws ConfigError with a sentence for each problem */
export function readConfig(environment: Environment): Config {
  const problems: string[] = []
  const read = new Reader(environment, problems)
  const config: Config = {
    mode: read.choice('SEGUE_MODE', ['embedded'], 'embedded'),
    host: read.text('HOST', '127.0.0.1'),
    port: read.integer('PORT', 3000, 0, 65_535),
    dataDir: read.text('SEGUE_DATA_DIR', 'data'),
    store: read.choice('SEGUE_STORE', ['lmdb', 'level'], 'lmdb'),
    partitions: read.integer('SEGUE_PARTITIONS', 3, 1, 64),
    commitIntervalMs: read.integer('COMMIT_INTERVAL_MS', 100, 1, 60_000),
    maxCommitRecords: read.integer('MAX_COMMIT_RECORDS', 5_000, 1, 100_000),
    storeCacheMb: read.integer('STORE_CACHE_MB', 256, 16, 65_536),
    fsync: read.choice('SEGUE_FSYNC', ['true', 'false'], 'false') === 'true',
    simulator: read.choice('SEGUE_SIMULATOR', ['on', 'off'], 'on') === 'on',
    simulatorRate: read.integer('SIMULATOR_RATE', 5, 1, 100_000),
    simulatorSeed: read.integer('SIMULATOR_SEED', 1, 0, 2 ** 31),
    recommendationTtlMs: read.integer('RECOMMENDATION_CACHE_TTL_MS', 30_000, 0, 86_400_000),
    logLevel: read.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info')
  }
  if (!['127.0.0.1', 'localhost', '::1'].includes(config.host))
    problems.push(
      `HOST is ${config.host}: without sign-in the API answers on this machine only. Use 127.0.0.1, and a reverse proxy that authenticates in front of it.`
    )
  if (problems.length > 0) throw new ConfigError(`The configuration can't be used:\n${problems.map(problem => `- ${problem}`).join('\n')}`)
  return config
}

class Reader {
  constructor(
    private readonly environment: Environment,
    private readonly problems: string[]
  ) {}

  text(name: string, fallback: string): string {
    return this.environment[name]?.trim() || fallback
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    const text = this.environment[name]?.trim()
    if (text === undefined || text === '') return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    this.problems.push(`${name} is "${text}": give a whole number from ${least} to ${most}.`)
    return fallback
  }

  choice<C extends string>(name: string, choices: readonly C[], fallback: C): C {
    const text = this.environment[name]?.trim()
    if (text === undefined || text === '') return fallback
    const choice = choices.find(candidate => candidate === text)
    if (choice !== undefined) return choice
    this.problems.push(`${name} is "${text}": give ${choices.join(' or ')}.`)
    return fallback
  }
}
