import { get, repeat } from './api.js'
import { byId, element, reconcile, setText } from './dom.js'
import { count, rate, span } from './format.js'

const EVERY_MS = 2_000
const MANY_WAITING = 10_000

/** The header's totals. */
export class Figures {
  #counts
  #pulse
  #newest

  constructor() {
    const loop = repeat(EVERY_MS, async () => {
      try {
        this.#counts = (await get('statistics', { days: 1 })).pipeline
      } catch (error) {
        // A failure shows in the connection's state; the last figures stay.
        if (error.isRefusal) loop.stop()
      }
      this.#show()
    })
  }

  /** What the topology said last. */
  pulse(topology) {
    this.#pulse = { perSecond: inputRate(topology), waiting: sum(topology.lag.tasks), behind: sum(topology.lag.view) }
    this.#show()
  }

  /** Time of a play that the view has, milliseconds. */
  sawPlay(at) {
    this.#newest = Math.max(at, this.#newest ?? 0)
  }

  #show() {
    const waiting = this.#pulse && this.#pulse.waiting + this.#pulse.behind
    const rows = [
      ['accepted', this.#counts && count(total(this.#counts.accepted)), 'Events accepted since the beginning'],
      ['duplicates', this.#counts && count(this.#counts.duplicates), 'Events that were read before'],
      ['rejected', this.#counts && count(total(this.#counts.rejected)), 'Events in the dead-letter topic'],
      ['events/s', this.#pulse && rate(this.#pulse.perSecond), 'Events processed per second, over the last few seconds'],
      ['lag', waiting !== undefined && count(waiting), 'Records that wait for the processors or the view'],
      [
        'newest play',
        this.#newest !== undefined && span(Date.now() - this.#newest),
        'How long ago the newest play that the view shows began'
      ]
    ]
    reconcile(byId('figures'), rows, {
      key: ([name]) => name,
      make: ([name, , meaning]) => element('div', { title: meaning }, element('dt', {}, name), element('dd')),
      update: (item, [name, value]) => {
        setText(item.lastElementChild, value || '–')
        item.classList.toggle('warn', name === 'lag' && waiting > MANY_WAITING)
      }
    })
  }
}

const total = counts => Object.values(counts).reduce((sum, value) => sum + value, 0)
const sum = lags => lags.reduce((sum, { records }) => sum + records, 0)

/** Records per second that processors take from topics which no processor writes: the input. */
function inputRate({ nodes, edges }) {
  const kinds = new Map(nodes.map(node => [node.id, node.kind]))
  const derived = new Set(edges.filter(edge => kinds.get(edge.from) === 'processor').map(edge => edge.to))
  const inputs = edges.filter(({ from, to }) => kinds.get(from) === 'topic' && !derived.has(from) && kinds.get(to) === 'processor')
  return inputs.reduce((sum, edge) => sum + edge.rate, 0)
}
