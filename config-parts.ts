/** Which parts of Segue run in a process, and how it is observed. */
import type { Reader } from './config.js'

export const partNames = ['processors', 'api', 'lake', 'poller', 'simulator'] as const
export type PartName = (typeof partNames)[number]

export interface PartsConfig {
  readonly run: ReadonlySet<PartName>
  /** A listener for metrics and health alone, without sign-in. Undefined: they are on the API's port only. */
  readonly ops: { readonly host: string; readonly port: number } | undefined
  /** Undefined: no traces. The exporter reads its own settings, OTEL_EXPORTER_OTLP_... */
  readonly traces: { readonly endpoint: string } | undefined
}

export function readParts(read: Reader, problems: string[]): PartsConfig {
  const names = read.list('SEGUE_PARTS', 'all')
  const all = names.includes('all')
  const unknown = names.filter(name => name !== 'all' && !(partNames as readonly string[]).includes(name))
  if (unknown.length > 0) problems.push(`SEGUE_PARTS names ${unknown.join(', ')}: give all, or some of ${partNames.join(', ')}.`)
  if (!all && read.text('SEGUE_MODE', 'embedded') === 'embedded')
    problems.push(
      'SEGUE_PARTS needs SEGUE_MODE=kafka: the embedded log belongs to one process, which runs all. (Spotify accounts can be polled by another: segue spotify poll.)'
    )
  const run = new Set(all ? partNames : (names as PartName[]))
  return { run, ops: opsListener(read, problems), traces: tracesTo(read, problems) }
}

function opsListener(read: Reader, problems: string[]): PartsConfig['ops'] {
  const text = read.text('SEGUE_OPS_LISTEN', '')
  if (text === '') return undefined
  const [, host, port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535) problems.push(`SEGUE_OPS_LISTEN is "${text}": give host:port, as in 127.0.0.1:9464.`)
  return { host: host ?? '127.0.0.1', port: Number(port) }
}

/** By the names that OpenTelemetry has for it. */
function tracesTo(read: Reader, problems: string[]): PartsConfig['traces'] {
  const [endpoint, base] = [read.text('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', ''), read.text('OTEL_EXPORTER_OTLP_ENDPOINT', '')]
  if ((endpoint === '' && base === '') || read.text('OTEL_SDK_DISABLED', '') === 'true') return undefined
  const url = endpoint === '' ? `${base.replace(/\/$/, '')}/v1/traces` : endpoint
  if (!URL.canParse(url) || !/^https?:/.test(url)) problems.push(`OTEL_EXPORTER_OTLP_ENDPOINT is "${url}": give an http or https address.`)
  return { endpoint: url }
}
