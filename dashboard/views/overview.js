import { get } from '../api.js'
import { element, svg } from '../dom.js'
import { ago, count, hours } from '../format.js'
import { bars, choice, empty, figures, panel, table } from '../parts.js'
import { at } from '../router.js'
import { timeChart } from '../uplot.js'

export const title = 'Overview'
const RECENT = 8
const DAY_MS = 86_400_000

/** What was played: totals, days, hours, top five, devices; from the warehouse, or live. */
export function open(container) {
  let closing = []
  let closed = false
  const show = async source => {
    for (const close of closing.splice(0)) close()
    try {
      const overview = await get('v1/overview', { source })
      const recent = await get('v1/users', { limit: RECENT }).catch(() => undefined)
      if (closed) return
      const charts = chartsOf(overview)
      closing = charts.map(({ close }) => close)
      container.replaceChildren(page(overview, recent?.users, charts, show))
    } catch (error) {
      if (!closed) container.replaceChildren(panel({ title }, empty(error.message)))
    }
  }
  container.replaceChildren(panel({ title }, empty('Reading.')))
  void show()
  return () => {
    closed = true
    for (const close of closing) close()
  }
}

function page(overview, recent, [plays, time, byHour], show) {
  const { source, warehouse } = overview
  const sources = choice(
    'Source',
    [
      ['warehouse', 'warehouse'],
      ['live', 'live']
    ],
    source,
    show
  )
  const note =
    source === 'live'
      ? 'What the processors have computed up to now'
      : `dbt's gold tables, built ${ago(Date.parse(warehouse.built_at), Date.now())}`
  return element(
    'div',
    { class: 'grid' },
    panel(
      { title, className: 'wide', note, beside: warehouse.built_at === null ? [] : [sources] },
      warehouse.note === null
        ? ''
        : element(
            'p',
            { class: 'remark' },
            warehouse.note,
            ' ',
            warehouse.command && element('span', {}, 'To build it: ', element('code', {}, warehouse.command))
          ),
      totals(overview)
    ),
    panel({ title: 'Plays a day' }, plays?.node ?? empty('Nothing was played yet.')),
    panel({ title: 'Hours a day' }, time?.node ?? empty('Nothing was played yet.')),
    panel({ title: 'The last week, by hour', className: 'wide' }, byHour?.node ?? empty('Nothing was played yet.')),
    panel({ title: 'Top tracks', note: 'By plays' }, top(overview.top_tracks, trackRow)),
    panel({ title: 'Top artists', note: 'By plays' }, top(overview.top_artists, artistRow)),
    panel({ title: 'Devices' }, devices(overview.devices)),
    panel({ title: 'Recent plays' }, recentPlays(recent))
  )
}

function totals({ totals: { plays, tracks, artists, listeners, listening_ms, first_day, last_day } }) {
  const known = value => (value === null ? '–' : count(value))
  const uncounted = value => (value === null ? 'Counted in the warehouse only' : undefined)
  return figures([
    ['plays', count(plays)],
    ['tracks', known(tracks), uncounted(tracks)],
    ['artists', known(artists), uncounted(artists)],
    ['listeners', known(listeners), uncounted(listeners)],
    ['hours listened', hours(listening_ms)],
    ['from', first_day ?? '–'],
    ['to', last_day ?? '–']
  ])
}

/** Days without plays count as 0, or the line would lie. */
function chartsOf({ days, hours: byHour }) {
  const daily = filled(days, ({ day }) => Date.parse(day), DAY_MS)
  const hourly = filled(byHour, ({ hour }) => Date.parse(`${hour}:00Z`), DAY_MS / 24)
  const dayOf = time => new Date(time).toISOString().slice(0, 10)
  const hourOf = time => `${new Date(time).toISOString().slice(0, 13).replace('T', ' ')}:00`
  const chart = (label, rows, labelOf, series) =>
    rows.length === 0 ? undefined : timeChart({ label, times: rows.map(row => row.time), labelOf, series: [series(rows)] })
  const plays = rows => ({ name: 'plays', colour: '--accent', values: rows.map(row => row.plays), text: count })
  const listened = rows => ({
    name: 'hours',
    colour: '--unit-2',
    values: rows.map(row => row.listening_ms / 3_600_000),
    text: value => hours(value * 3_600_000)
  })
  return [
    chart('Plays a day', daily, dayOf, plays),
    chart('Hours listened a day', daily, dayOf, listened),
    chart('Plays by hour of the last week', hourly, hourOf, plays)
  ].map(made => made ?? { close() {} })
}

function filled(rows, timeOf, step) {
  const known = new Map(rows.map(row => [timeOf(row), row]))
  const times = [...known.keys()]
  if (times.length === 0) return []
  const all = []
  for (let time = Math.min(...times); time <= Math.max(...times); time += step)
    all.push({ time, plays: known.get(time)?.plays ?? 0, listening_ms: known.get(time)?.listening_ms ?? 0 })
  return all
}

const top = (entries, row) => (entries.length === 0 ? empty('Nothing was played yet.') : bars(entries.map(row), 'The five most played'))
const trackRow = ({ track_id, track_name, artist_name, plays }) => ({
  ...{ name: track_name, by: artist_name, value: plays, text: count(plays), href: at('tracks', track_id) },
  hint: `${track_name} by ${artist_name}: ${count(plays)} plays`
})
const artistRow = ({ artist_name, plays }) => ({
  name: artist_name,
  value: plays,
  text: count(plays),
  hint: `${artist_name}: ${count(plays)} plays`
})

const SLICES = ['--accent', '--lamp', '--unit-2', '--unit-4', '--unit-3', '--soft', '--bad', '--ink']

/** A ring and bars: shares of plays by device. */
function devices(rows) {
  if (rows.length === 0) return empty('Nothing was played yet.')
  const all = rows.reduce((sum, row) => sum + row.plays, 0)
  const share = row => row.plays / all
  const percent = row => `${(100 * share(row)).toFixed(1)} %`
  let turned = 0
  const arcs = rows.map((row, i) => {
    const arc = svg(
      'circle',
      {
        cx: 50,
        cy: 50,
        r: 38,
        'stroke-dasharray': `${(100 * share(row)).toFixed(3)} 100`,
        'stroke-dashoffset': (-100 * turned).toFixed(3),
        pathLength: 100,
        '--slice': `var(${SLICES[i % SLICES.length]})`
      },
      svg('title', {}, `${row.device_type}: ${percent(row)}`)
    )
    turned += share(row)
    return arc
  })
  const ring = svg(
    'svg',
    { class: 'ring', viewBox: '0 0 100 100', role: 'img', 'aria-label': 'Shares of plays by device; the list beside says the same' },
    svg('g', { transform: 'rotate(-90 50 50)' }, ...arcs)
  )
  const list = element(
    'ul',
    { class: 'slices' },
    ...rows.map((row, i) =>
      element(
        'li',
        {
          '--part': String(100 * share(row)),
          '--slice': `var(${SLICES[i % SLICES.length]})`,
          title: `${count(row.plays)} plays, ${hours(row.listening_ms)} hours`
        },
        element('span', {}, row.device_type),
        element('span', { class: 'number' }, count(row.plays)),
        element('span', { class: 'number soft' }, percent(row))
      )
    )
  )
  return element('div', { class: 'devices' }, ring, list)
}

function recentPlays(users) {
  if (users === undefined) return empty("Other listeners' plays are for admins.")
  const rows = users.filter(user => user.track).sort((a, b) => Date.parse(b.last_play_at) - Date.parse(a.last_play_at))
  if (rows.length === 0) return empty('Nothing was played yet.')
  return table(
    [{ name: 'Track' }, { name: 'Artist' }, { name: 'Listener' }, { name: 'When', number: true }],
    rows.map(({ user_id, track, last_play_at }) => [
      element('a', { href: at('tracks', track.track_id) }, track.track_name),
      track.artist_name ?? '',
      element('a', { href: at('listeners', user_id) }, user_id),
      ago(Date.parse(last_play_at), Date.now())
    ]),
    'Recent plays'
  )
}
