import type { Log } from '../../streams/log/log.js'
import type { Metrics } from '../../tools/observe/metrics.js'

export interface Scraped {
  /** The sum of all series with this name and (at least) these labels; undefined: there are none. */
  value(name: string, labels?: Readonly<Record<string, string | number>>): number | undefined
  /** Names of all metrics that are declared, with those of a histogram's series. */
  readonly names: ReadonlySet<string>
  readonly text: string
}

/** Reads Prometheus' text format. */
export function parseMetrics(text: string): Scraped {
  const names = new Set<string>()
  const series: { name: string; labels: Record<string, string>; value: number }[] = []
  for (const line of text.split('\n')) {
    const [, type, kind] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
    if (type !== undefined) for (const suffix of kind === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) names.add(type + suffix)
    const [, name, labelled = '', value] = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? []
    if (name === undefined) continue
    const labels = Object.fromEntries([...labelled.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!]))
    series.push({ name, labels, value: Number(value) })
  }
  const value = (name: string, wanted: Readonly<Record<string, string | number>> = {}) => {
    const found = series.filter(
      ({ name: own, labels }) => own === name && Object.entries(wanted).every(([key, text]) => labels[key] === String(text))
    )
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
  }
  return { value, names, text }
}

export const scrape = async (metrics: Metrics): Promise<Scraped> => parseMetrics(await metrics.scrape())

/** A log with some methods of its own. */
export const altered = (log: Log, methods: Partial<Log>): Log =>
  new Proxy(log, {
    get(target, name) {
      const own = methods[name as keyof Log] ?? target[name as keyof Log]
      return typeof own === 'function' ? own.bind(target) : own
    }
  })

export async function until(condition: () => Promise<boolean> | boolean, ms = 120_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('It did not come to pass.')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
