import { createHash } from 'node:crypto'
import type { Strategy } from './situation.js'

/** An A/B test: each listener gets one of the strategies, always the same, in proportion to the weights. */
export interface Experiment {
  readonly name: string
  /** Weights are positive. */
  readonly variants: readonly { readonly strategy: Strategy; readonly weight: number }[]
}

/** The listener's variant: of the name and the id alone, so that another experiment divides listeners anew. */
export function variantOf({ name, variants }: Experiment, user: string): Strategy {
  const total = variants.reduce((sum, { weight }) => sum + weight, 0)
  const share = createHash('sha256').update(`${name}\u001f${user}`).digest().readUInt32BE() / 2 ** 32
  let end = 0
  for (const { strategy, weight } of variants) {
    end += weight / total
    if (share < end) return strategy
  }
  return variants.at(-1)!.strategy
}
