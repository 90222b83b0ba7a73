import type { Reader } from './config.js'

const STRATEGIES = ['session', 'baseline'] as const

/** An A/B test of strategies: each listener gets one of them, in proportion to the weights. */
export interface ExperimentConfig {
  readonly name: string
  readonly variants: readonly { readonly strategy: (typeof STRATEGIES)[number]; readonly weight: number }[]
}

export interface RecommendationConfig {
  /** How long an answer is kept, milliseconds. */
  readonly ttlMs: number
  /** How old an answer may be that is given while none can be computed, milliseconds. */
  readonly staleMs: number
  /** Which strategy listeners get who ask for none. */
  readonly experiment: ExperimentConfig | undefined
  /** Quality is measured after one of so many plays; 0: never. */
  readonly qualityOneIn: number
  readonly qualityPerSecond: number
}

export const readRecommendations = (read: Reader): RecommendationConfig => ({
  ttlMs: read.integer('RECOMMENDATION_CACHE_TTL_MS', 30_000, 0, 86_400_000),
  staleMs: read.integer('STALE_ANSWERS_MS', 300_000, 0, 86_400_000),
  experiment: readExperiment(read),
  qualityOneIn: read.integer('QUALITY_ONE_IN', 1, 0, 1_000_000),
  qualityPerSecond: read.integer('QUALITY_LISTS_PER_SECOND', 20, 1, 10_000)
})

const NAME = /^[a-zA-Z0-9._-]{1,64}$/
const NAME_SETTING = 'SEGUE_EXPERIMENT'
const HOW = `give NAME:${STRATEGIES.map((strategy, i) => `${strategy}=${i === 0 ? 90 : 10}`).join(',')}, with whole numbers from 1 to 1000000`

/** `name:session=90,baseline=10`; undefined: there is none. */
function readExperiment(read: Reader): ExperimentConfig | undefined {
  const text = read.text(NAME_SETTING, '')
  if (text === '') return undefined
  const [name = '', list = '', ...rest] = text.split(':')
  const wrong = (what: string): undefined => void read.problems.push(`${NAME_SETTING} is "${text}": ${what}; ${HOW}.`)
  if (!NAME.test(name) || rest.length > 0) return wrong('the name has up to 64 letters, digits, points, dashes or underscores')
  const variants = list.split(',').map(variant => {
    const [strategy = '', weight = ''] = variant.split('=').map(part => part.trim())
    return { strategy: STRATEGIES.find(known => known === strategy), weight: /^[1-9]\d{0,6}$/.test(weight) ? Number(weight) : Number.NaN }
  })
  if (variants.some(({ strategy }) => strategy === undefined)) return wrong(`each variant is one of ${STRATEGIES.join(', ')}`)
  if (variants.some(({ weight }) => !(weight <= 1_000_000))) return wrong('each weight is a positive number')
  if (new Set(variants.map(({ strategy }) => strategy)).size < Math.max(2, variants.length)) return wrong('it needs two different variants')
  return { name, variants: variants as ExperimentConfig['variants'] }
}
