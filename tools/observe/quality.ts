/** Metrics of recommendations: how good they are, and what became of what was told of them. */
import { readQuality } from '../../api/answers/quality.js'
import type { Facts } from '../../api/exposures.js'
import type { View } from '../../state/view/view.js'
import type { Metrics } from './metrics.js'

const MEASURES = ['hit_rate', 'ndcg', 'mrr'] as const

/** Of the last hour; nothing while nothing was scored. */
export function qualityMetrics(metrics: Metrics, view: View, partitions: number, facts: Pick<Facts, 'counts'>): void {
  const quality = metrics.gauge(
    'segue_recommendation_quality_ratio',
    'Of the last hour: hit rate, NDCG and MRR of ten.',
    'strategy',
    'measure'
  )
  const plays = metrics.gauge('segue_recommendation_scored_plays', 'Plays of the last hour that were scored.', 'strategy')
  metrics.collector('quality', [quality, plays], async () => {
    const { strategies } = await readQuality(view, partitions, 'hour', Date.now())
    for (const gauge of [quality, plays]) gauge.reset()
    for (const { strategy, ...measured } of strategies) {
      plays.set({ strategy }, measured.plays)
      for (const measure of MEASURES) if (measured[measure] !== null) quality.set({ strategy, measure }, measured[measure])
    }
  })
  const told = metrics.gauge(
    'segue_recommendation_facts',
    'Exposures, feedback and lists since the start, by what became of them.',
    'state'
  )
  metrics.collector('facts', [told], async () => {
    const { written, lost, waiting } = facts.counts()
    told.set({ state: 'written' }, written)
    told.set({ state: 'lost' }, lost)
    told.set({ state: 'waiting' }, waiting)
  })
}
