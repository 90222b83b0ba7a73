import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { projectRoot } from '../../schemas/root.js'
import { parseMetrics } from '../observe/support.js'
import { ingest, start } from '../product/instance.js'
import { listening } from '../product/listening.js'
import { temporary } from '../product/run.js'
import { program, run } from './support.js'

const folder = join(projectRoot, 'compose/observe')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly annotations: { readonly summary: string; readonly runbook: string }
}
interface Panel {
  readonly title: string
  readonly type: string
  readonly gridPos: { readonly x: number; readonly w: number }
  readonly targets?: readonly { readonly expr: string }[]
}
const rules = (parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(group => group.rules)
const dashboard = JSON.parse(read('grafana/dashboards/segue.json')) as { uid: string; panels: Panel[] }
const expressions = [...rules.map(({ expr }) => expr), ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))]
const metricsIn = (expr: string) => expr.replaceAll(/"[^"]*"/g, '').match(/\b(segue|process|nodejs)_\w+/g) ?? []

t.test('every metric of the dashboard and the alerts is one that a process has, and Prometheus takes them as they are', async t => {
  const segue = await start(t, { SEGUE_DATA_DIR: temporary(t), SPOTIFY_CLIENT_ID: 'an app' })
  await ingest(segue.url, listening(50))
  await segue.settled()
  const response = await fetch(`${segue.url}/metrics`)
  t.match(response.headers.get('content-type'), 'text/plain; version=0.0.4')
  const { names, text } = parseMetrics(await response.text())
  const used = new Set(expressions.flatMap(metricsIn))
  t.ok(used.size > 20)
  for (const name of used) t.ok(names.has(name), `${name} is there`)
  for (const name of names)
    if (name.startsWith('segue_'))
      t.match(name, /_(total|seconds|bytes|records|state|up|tasks|bucket|sum|count|accounts|events|gaps|ratio|plays|facts)$/)
  const promtool = program('promtool', 'install Prometheus (Debian: apt-get install prometheus)')
  // Its only complaints are about Node.js' own metrics.
  const complaints =
    promtool && (await run(promtool, ['check', 'metrics'], text)).output.split('\n').filter(line => line.startsWith('segue_'))
  t.strictSame(complaints ?? [], [])
})

t.test('every alert says what to do: its runbook is a heading of the documentation', async t => {
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
  const headings = new Set(
    readFileSync(join(projectRoot, 'docs/operations.md'), 'utf8')
      .split('\n')
      .filter(line => line.startsWith('#'))
      .map(line =>
        line
          .replace(/^#+ /, '')
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')
      )
  )
  for (const { alert, annotations } of rules) {
    const [file, anchor] = annotations.runbook.split('#')
    t.equal(file, 'docs/operations.md')
    t.ok(headings.has(anchor!), `${alert}: ${anchor}`)
  }
})

t.test('the rules and the configuration are ones that Prometheus loads, and alerts fire when they should', async t => {
  const promtool = program('promtool', 'install Prometheus (Debian: apt-get install prometheus)')
  if (promtool === undefined) return
  for (const args of [
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
    ['check', 'config', '--syntax-only', 'prometheus.yml']
  ]) {
    const { code, output } = await run(promtool, args, undefined, folder)
    t.equal(code, 0, output)
  }
})

t.test('the dashboard is one that Grafana loads: panels in a grid of 24, with a query each', async t => {
  t.equal(dashboard.uid, 'segue')
  const ids = new Set<string>()
  for (const { title, type, gridPos, targets = [] } of dashboard.panels) {
    t.ok(gridPos.x + gridPos.w <= 24, title)
    if (type !== 'row') t.ok(targets.length > 0, title)
    ids.add(JSON.stringify(gridPos))
  }
  t.equal(ids.size, dashboard.panels.length, 'none lies on another')
})
