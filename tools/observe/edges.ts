/** Metrics of what lies around the tasks: the view, the lake, accounts, the API. */
import type { RequestObserver } from '../../api/options.js'
import type { LakeSink } from '../../connect/lake/sink.js'
import type { Mirror } from '../../connect/mirror.js'
import type { AccountStore } from '../../connect/spotify/accounts.js'
import type { Log } from '../../streams/log/log.js'
import type { Metrics } from './metrics.js'
import { ageOf } from './processing.js'

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export function viewMetrics(metrics: Metrics, mirror: Pick<Mirror, 'ages' | 'lag'>): void {
  const age = metrics.gauge('segue_view_age_seconds', 'Since the view was last known to have all that was committed.', 'topic')
  metrics.collector('view-age', [age], async () => {
    age.reset()
    for (const [topic, milliseconds] of mirror.ages()) age.set({ topic }, milliseconds / 1000)
  })
  const records = metrics.gauge('segue_view_lag_records', 'Records that are committed and not yet in the view.', 'topic')
  metrics.collector('view-lag', [records], async () => {
    records.reset()
    const followed = new Set<string>(mirror.ages().keys())
    for (const lag of await mirror.lag()) if (followed.has(lag.topic)) records.inc({ topic: lag.topic }, lag.records)
  })
}

export function lakeMetrics(metrics: Metrics, sink: Pick<LakeSink, 'lag'>, log: Pick<Log, 'fetch'>): void {
  const records = metrics.gauge('segue_lake_lag_records', 'Records that are in the log and not yet in the lake.', 'topic', 'partition')
  const seconds = metrics.gauge('segue_lake_lag_seconds', 'Age of the oldest record that is not yet in the lake.', 'topic', 'partition')
  metrics.collector('lake', [records, seconds], async () => {
    const lags = await sink.lag()
    const ages = await Promise.all(lags.map(lag => (lag.records === 0 ? 0 : ageOf(log, lag, lag.position))))
    for (const gauge of [records, seconds]) gauge.reset()
    for (const [i, { topic, partition, records: waiting }] of lags.entries()) {
      records.set({ topic, partition }, waiting)
      seconds.set({ topic, partition }, ages[i]!)
    }
  })
}

export function accountMetrics(metrics: Metrics, accounts: Pick<AccountStore, 'list' | 'progress'>): void {
  const number = metrics.gauge('segue_spotify_accounts', 'Accounts by status; reconnect: their listener has to agree anew.', 'status')
  const waiting = metrics.gauge('segue_spotify_waiting_events', 'Events that were seen and could not be sent yet.')
  const gaps = metrics.gauge('segue_spotify_gaps', 'Times in which Spotify has listed fewer plays than there were.')
  metrics.collector('spotify', [number], async () => {
    for (const status of ['connected', 'reconnect'] as const) number.set({ status }, 0)
    let [events, missed] = [0, 0]
    for (const { userId, status } of accounts.list()) {
      number.inc({ status })
      const progress = accounts.progress(userId)
      events += progress.outbox.length
      missed += progress.gaps.length
    }
    waiting.set(events)
    gaps.set(missed)
  })
}

/** By the route's template, never by what was asked for. */
export function requestMetrics(metrics: Metrics): RequestObserver {
  const duration = metrics.histogram(
    'segue_http_request_duration_seconds',
    'From a request until its answer was sent.',
    REQUEST_SECONDS,
    'method',
    'route',
    'status'
  )
  const known = new Map<string, { observe(seconds: number): void }>()
  return (method, route, status, seconds) => {
    const name = `${method} ${status} ${route}`
    let series = known.get(name)
    if (series === undefined) {
      series = duration.labels(method, route, String(status))
      known.set(name, series)
    }
    series.observe(seconds)
  }
}
