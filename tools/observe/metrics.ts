import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Longer than this a scrape waits for nothing: what could not be asked is left out, and said so. */
const COLLECT_MS = 2_000

interface Collector {
  readonly name: string
  readonly gauges: readonly Gauge[]
  collect(): Promise<void>
  under: Promise<void> | undefined
}

/**
 * What Prometheus reads. Counters are added to as things happen, at most once per commit or request; everything else is asked for when it
 * is scraped. No label names a listener, a track or an artist.
 */
export class Metrics {
  readonly registry = new Registry()
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE
  readonly #collectors: Collector[] = []
  readonly #up: Gauge<'collector'>

  constructor() {
    collectDefaultMetrics({ register: this.registry })
    this.#up = this.gauge('segue_collector_up', 'Whether what the collector asks could be asked at this scrape.', 'collector')
  }

  counter<L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] })
  }

  gauge<L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] })
  }

  /** @param buckets upper bounds, in the metric's unit */
  histogram<L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]): Histogram<L> {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.registry] })
  }

  /**
   * `collect` runs at each scrape, once at a time.
   * @param gauges what it sets, those with labels: they are left out where it fails, or a value of before would look like one of now
   */
  collector<L extends string>(name: string, gauges: readonly Gauge<L>[], collect: () => Promise<void>): void {
    this.#collectors.push({ name, gauges: gauges as readonly Gauge[], collect, under: undefined })
  }

  /** In Prometheus' text format. */
  async scrape(): Promise<string> {
    await Promise.all(
      this.#collectors.map(async collector => {
        collector.under ??= collector.collect().finally(() => {
          collector.under = undefined
        })
        const fine = await endsInTime(collector.under)
        this.#up.set({ collector: collector.name }, fine ? 1 : 0)
        if (!fine) for (const gauge of collector.gauges) gauge.reset()
      })
    )
    return this.registry.metrics()
  }
}

/** Whether it resolves, and soon enough. */
function endsInTime(work: Promise<void>): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(false), COLLECT_MS)
    const settle = (fine: boolean) => {
      clearTimeout(timer)
      resolve(fine)
    }
    work.then(
      () => settle(true),
      () => settle(false)
    )
  })
}
