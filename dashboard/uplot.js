/** Line charts by uPlot, in the page's colours, with a table for who can't see them. */
import { element } from './dom.js'
import { table } from './parts.js'

let loading

/** Loads the library the first time that a chart is shown. */
function uPlot() {
  loading ??= new Promise((resolve, reject) => {
    document.head.append(
      element('link', { rel: 'stylesheet', href: 'lib/uPlot.min.css' }),
      element('script', {
        src: 'lib/uPlot.iife.min.js',
        onload: () => resolve(globalThis.uPlot),
        onerror: () => {
          loading = undefined
          reject(new Error('The chart library could not be loaded.'))
        }
      })
    )
  })
  return loading
}

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
const HEIGHT = 220

/**
 * A chart over time: `times` in milliseconds, `series` [{name, values, colour (a custom property), text (value → text)}] on one scale
 * of values. `labelOf(time)` is what the table and the legend call a time. Returns {node, close}.
 */
export function timeChart({ label, times, series, labelOf, from = 0 }) {
  const box = element('div', { class: 'chart', role: 'img', 'aria-label': `${label}: ${summary(times, series, labelOf)}` })
  const rows = times.map((time, i) => [labelOf(time), ...series.map(({ values, text }) => (values[i] === null ? '–' : text(values[i])))])
  const details = element('details', { class: 'as-table' }, element('summary', {}, 'As a table'))
  details.addEventListener(
    'toggle',
    () => details.append(table([{ name: 'When' }, ...series.map(({ name }) => ({ name, number: true }))], rows.reverse(), label)),
    { once: true }
  )
  const node = element('div', {}, box, details)
  let plot
  let closed = false
  const draw = async () => {
    const Plot = await uPlot()
    if (closed) return
    plot?.destroy()
    const width = box.clientWidth || 320
    const options = optionsOf({ times, series, labelOf, width, from }, Plot)
    plot = new Plot(options, [times.map(time => time / 1000), ...series.map(({ values }) => values)], box)
  }
  const show = () =>
    draw().catch(error => {
      box.textContent = error.message
    })
  const resized = new ResizeObserver(() => {
    if (plot === undefined) void show()
    else if (box.clientWidth !== plot.width) plot.setSize({ width: box.clientWidth, height: HEIGHT })
  })
  resized.observe(box)
  const themed = new MutationObserver(show)
  themed.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  const close = () => {
    closed = true
    resized.disconnect()
    themed.disconnect()
    plot?.destroy()
  }
  return { node, close }
}

function optionsOf({ times, series, labelOf, width, from }, Plot) {
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--rule'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif'
  }
  return {
    width,
    height: HEIGHT,
    // Days and hours are UTC.
    tzDate: seconds => Plot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    padding: [12, 24, 0, 0],
    cursor: { points: { size: 7 }, drag: { x: true, y: false } },
    scales: {
      // One point alone stands in the middle of two hours.
      x: times.length === 1 ? { range: () => [times[0] / 1000 - 3_600, times[0] / 1000 + 3_600] } : {},
      y: { range: (_, least, most) => [from ?? least, most > (from ?? least) ? most * 1.05 : (from ?? 0) + 1] }
    },
    axes: [
      { ...axis, space: 70, size: 32, values: (_, splits, __, ___, apart) => splits.map(seconds => axisLabel(seconds * 1000, apart)) },
      { ...axis, size: 56, values: (_, values) => values.map(value => series[0].text(value)) }
    ],
    series: [
      { label: 'When', value: (_, __, ___, index) => labelOf(times[index ?? times.length - 1]) },
      ...series.map(({ name, values, colour: property, text }) => ({
        label: name,
        stroke: colour(property),
        width: 2,
        fill: series.length === 1 ? `${colour(property)}1a` : undefined,
        // Of the last point where none is pointed at.
        value: (_, __, ___, index) => {
          const value = values[index ?? values.length - 1]
          return value === null || value === undefined ? '–' : text(value)
        }
      }))
    ]
  }
}

const inUtc = options => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options })
const dates = inUtc({ day: 'numeric', month: 'short' })
const months = inUtc({ month: 'short', year: 'numeric' })
const clock = inUtc({ hour: '2-digit', minute: '2-digit' })
const midnight = time => time % 86_400_000 === 0

/** Of a time on the axis, `apart` seconds from the next one. */
const axisLabel = (time, apart) => (apart >= 86_400 * 28 ? months : apart >= 86_400 || midnight(time) ? dates : clock).format(time)

function summary(times, series, labelOf) {
  if (times.length === 0) return 'nothing yet'
  const parts = series.map(({ name, values, text }) => {
    const known = values.filter(value => value !== null)
    return `${name} up to ${text(Math.max(0, ...known))}, last ${text(known.at(-1) ?? 0)}`
  })
  return `${labelOf(times[0])} to ${labelOf(times.at(-1))}; ${parts.join('; ')}`
}
