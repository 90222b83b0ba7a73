/** A reconciliation as a page: one number, green or red, and the first differences. All that it shows is escaped. */
import type { FirstDifference } from './batch.js'
import type { Summary } from './run.js'

/** What may explain the differences; null: nothing that is known. */
export function erasureHint({ differences, forgotten }: Summary): string | null {
  if (differences === 0 || forgotten === 0) return null
  const who = forgotten === 1 ? '1 listener was forgotten' : `${count(forgotten)} listeners were forgotten`
  return `${who}: what segue lake erase has taken out of the lake since, the stream's sums still have. segue reconcile --repair takes it out there, too.`
}

export function page(summary: Summary, first: readonly FirstDifference[]): string {
  const { verdict, differences, keys, started_at, duration_ms, pause_ms, reason } = summary
  const tone = verdict === 'equal' ? 'good' : 'bad'
  const hint = erasureHint(summary)
  const said = verdict === 'failed' ? 'Not compared' : verdict === 'equal' ? 'Stream equals batch' : 'Stream and batch differ'
  const facts: [string, string][] = [
    ['Keys compared', count(keys)],
    ['Stream paused', pause_ms === null ? '-' : `${count(pause_ms)} ms`],
    ['Took', `${(duration_ms / 1000).toFixed(1)} s`],
    ['Began', `${started_at.slice(0, 19).replace('T', ' ')} UTC`],
    ...(summary.forgotten > 0 ? [['Forgotten listeners left out', count(summary.forgotten)] as [string, string]] : [])
  ]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(said)} - Segue reconciliation ${escaped(summary.id)}</title>
<style>${style}</style>
<main>
<header>
  <p class="what">Segue reconciliation</p>
  <p class="number ${tone}">${verdict === 'failed' ? '?' : count(differences)}</p>
  <h1 class="${tone}">${escaped(said)}</h1>
  <p class="sub${reason?.includes('\n') ? ' log' : ''}">${escaped(reason ?? (verdict === 'equal' ? 'Every key has the same value on both sides.' : `${differences === 1 ? 'key has another value' : 'keys have other values'} in the stream than in the batch.`))}</p>
${hint === null ? '' : `  <p class="sub">${escaped(hint)}</p>\n`}</header>
<dl>${facts.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>
${table(
  'By section',
  ['Section', 'Keys', 'Differences'],
  Object.entries(summary.sections).map(([name, section]) => [name, number(section.keys), mark(section.differences)])
)}
${first.length === 0 ? '' : differencesTable(first, differences, summary.key_names)}
${table(
  'The cut',
  ['Topic', 'Offsets by partition, exclusive'],
  Object.entries(summary.cut).map(([topic, partitions]) => [topic, Object.values(partitions).map(count).join(' · ')])
)}
</main>
</html>
`
}

function differencesTable(first: readonly FirstDifference[], all: number, names: Summary['key_names']): string {
  const rows = first.map(({ section, keys, field, stream, batch }) => [
    section,
    raw(keys.map((key, i) => `<span class="key">${escaped(names[section]?.[i] ?? '')}</span> ${escaped(key ?? 'all')}`).join('<br>')),
    field,
    number(stream),
    number(batch),
    number((batch ?? 0) - (stream ?? 0))
  ])
  const title = first.length < all ? `The first differences (${count(all)} keys in all: differences.parquet)` : 'The differences'
  return table(title, ['Section', 'Key', 'Field', 'Stream', 'Batch', 'Batch − stream'], rows)
}

interface Cell {
  readonly html: string
  readonly isNumber: boolean
}

const raw = (html: string): Cell => ({ html, isNumber: false })
const number = (value: number | null): Cell => ({ html: value === null ? '<i>none</i>' : escaped(exact(value)), isNumber: true })
const mark = (value: number): Cell => ({ html: `<b class="${value === 0 ? 'good' : 'bad'}">${count(value)}</b>`, isNumber: true })

function table(title: string, heads: readonly string[], rows: readonly (readonly (string | Cell)[])[]): string {
  if (rows.length === 0) return ''
  const cells = rows.map(row => row.map(cell => (typeof cell === 'string' ? raw(escaped(cell)) : cell)))
  const numeric = heads.map((_, i) => cells.every(row => row[i]!.isNumber))
  const kind = (i: number) => (numeric[i] ? ' class="n"' : '')
  const body = cells.map(row => `<tr>${row.map(({ html }, i) => `<td${kind(i)}>${html}</td>`).join('')}</tr>`).join('\n')
  return `<section><h2>${escaped(title)}</h2><div class="scroll"><table>
<thead><tr>${heads.map((head, i) => `<th${kind(i)}>${escaped(head)}</th>`).join('')}</tr></thead>
<tbody>
${body}
</tbody></table></div></section>`
}

const count = (value: number): string => value.toLocaleString('en-GB')
const exact = (value: number): string => (Number.isInteger(value) ? count(value) : String(value))

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, character => entities[character]!)

const style = `
:root { --ink: #1c1d22; --soft: #62656f; --line: #e3e4e9; --paper: #f6f6f8; --card: #fff; --good: #11804a; --bad: #c0262d }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececf0; --soft: #9da0ab; --line: #2e3038; --paper: #131418; --card: #1b1d23; --good: #3ecf86; --bad: #ff6b70 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 68rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; display: grid; gap: 1.25rem }
header { text-align: center; padding: 1rem 0 1.5rem }
.what { margin: 0; color: var(--soft); letter-spacing: .02em }
.number { margin: .25rem 0 0; font-size: clamp(4rem, 14vw, 8rem); line-height: 1; font-weight: 650; font-variant-numeric: tabular-nums }
h1 { margin: .5rem 0 0; font-size: 1.5rem; font-weight: 600 }
.sub { margin: .25rem auto 0; color: var(--soft); max-width: 44rem; white-space: pre-wrap; overflow-wrap: anywhere }
.log { max-width: none; text-align: left; font: .85rem/1.5 ui-monospace, monospace }
.good { color: var(--good) } .bad { color: var(--bad) }
dl { margin: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1px; background: var(--line);
  border: 1px solid var(--line); border-radius: .75rem; overflow: hidden }
dl div { background: var(--card); padding: .75rem 1rem }
dt { color: var(--soft); font-size: .85rem } dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow: hidden }
h2 { margin: 0; padding: .75rem 1rem; font-size: 1rem; font-weight: 600; border-bottom: 1px solid var(--line) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .45rem 1rem; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
tbody tr:last-child td { border-bottom: 0 }
th { color: var(--soft); font-weight: 500; font-size: .85rem; white-space: nowrap }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.key { color: var(--soft); font-size: .85rem } i { color: var(--soft) }
`
