import { get } from '../api.js'
import { element } from '../dom.js'
import { count } from '../format.js'
import { choice, empty, panel, table } from '../parts.js'
import { timeChart } from '../uplot.js'

export const title = 'Quality'
const COLOURS = ['--accent', '--unit-2', '--unit-3', '--unit-4']
const WINDOWS = ['hour', 'day', 'week', 'all']
const MEASURES = [
  ['hit_rate', 'Hit rate at 10', 'How many of the next new tracks were among the ten recommended'],
  ['ndcg', 'NDCG at 10', 'The same, more for being nearer to the top']
]

/** How well each strategy foresees what is played, over time. */
export function open(container) {
  let closing = []
  let closed = false
  const show = async window => {
    for (const close of closing.splice(0)) close()
    try {
      const quality = await get('v1/quality', { window })
      if (closed) return
      const charts = MEASURES.map(measure => chartOf(quality, measure))
      closing = charts.flatMap(chart => (chart ? [chart.close] : []))
      const windows = choice(
        'Window',
        WINDOWS.map(word => [word, word]),
        window,
        show
      )
      container.replaceChildren(
        element(
          'div',
          { class: 'grid' },
          panel(
            {
              title: 'How well the next track is foreseen',
              className: 'wide',
              note: 'Each play is scored against the list that stood before it',
              beside: [windows]
            },
            summary(quality)
          ),
          ...MEASURES.map(([, name, meaning], i) =>
            panel({ title: name, note: meaning }, charts[i]?.node ?? empty('No play has been scored in this window yet.'))
          ),
          panel(
            { title: 'Lists that were given', className: 'wide', note: 'And what listeners said of their tracks' },
            given(quality.given)
          )
        )
      )
    } catch (error) {
      if (!closed) container.replaceChildren(panel({ title }, empty(error.message)))
    }
  }
  container.replaceChildren(panel({ title }, empty('Reading.')))
  void show('day')
  return () => {
    closed = true
    for (const close of closing) close()
  }
}

const share = value => (value === null ? '–' : value.toFixed(3))

const summary = ({ strategies }) =>
  table(
    [
      { name: 'Strategy' },
      { name: 'Plays scored', number: true },
      { name: 'Hit rate', number: true },
      { name: 'NDCG', number: true },
      { name: 'MRR', number: true }
    ],
    strategies.map(({ strategy, plays, hit_rate, ndcg, mrr }) => [strategy, count(plays), share(hit_rate), share(ndcg), share(mrr)]),
    'Quality by strategy'
  )

/** One line a strategy, at the times at which any of them has a point. */
function chartOf({ strategies, span_ms }, [measure, name]) {
  const times = [...new Set(strategies.flatMap(({ series }) => series.map(point => Date.parse(point.start))))].sort((a, b) => a - b)
  if (times.length === 0 || span_ms === null) return undefined
  const series = strategies.map(({ strategy, series }, i) => {
    const known = new Map(series.map(point => [Date.parse(point.start), point[measure]]))
    return {
      name: strategy,
      colour: COLOURS[i % COLOURS.length],
      text: value => value.toFixed(2),
      values: times.map(time => known.get(time) ?? null)
    }
  })
  return timeChart({ label: name, times, series, labelOf: time => new Date(time).toISOString().slice(0, 16).replace('T', ' ') })
}

function given(rows) {
  if (rows.length === 0) return empty('No list was given yet.')
  return table(
    [
      { name: 'Experiment' },
      { name: 'Strategy' },
      ...['Lists', 'Tracks', 'Played', 'Skipped', 'Liked'].map(name => ({ name, number: true }))
    ],
    rows.map(({ experiment, strategy, lists, tracks, played, skipped, liked }) => [
      experiment ?? '–',
      strategy,
      ...[lists, tracks, played, skipped, liked].map(count)
    ]),
    'Lists that were given'
  )
}
