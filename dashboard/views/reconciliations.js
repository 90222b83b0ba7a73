import { get } from '../api.js'
import { element } from '../dom.js'
import { ago, count } from '../format.js'
import { empty, panel, table } from '../parts.js'

const WORDS = { equal: 'equal', different: 'different', failed: 'failed' }

/** The verdicts of the last comparisons of stream and batch. */
export function reconciliationsPanel() {
  const body = element('div', {}, empty('Reading.'))
  const node = panel({ title: 'Stream and batch compared', className: 'wide', note: 'Key by key, at the same offsets' }, body)
  let closed = false
  get('v1/operations/reconciliations', { limit: 10 }).then(
    ({ reconciliations }) => closed || body.replaceChildren(reconciliations.length === 0 ? none() : list(reconciliations)),
    error => {
      // An instance without a lake, or whose tasks run elsewhere, has nothing to compare.
      node.hidden = error.status === 404
      if (!closed) body.replaceChildren(empty(error.message))
    }
  )
  return {
    node,
    close() {
      closed = true
    }
  }
}

const none = () => element('p', { class: 'empty' }, 'Not compared yet. To compare: ', element('code', {}, 'npx segue reconcile'))

const list = rows =>
  table(
    [
      { name: 'Verdict' },
      { name: 'Keys', number: true },
      { name: 'Differences', number: true },
      { name: 'Paused', number: true },
      { name: 'Took', number: true },
      { name: 'When', number: true }
    ],
    rows.map(({ verdict, reason, keys, differences, pause_ms, duration_ms, started_at, repaired }) => [
      element(
        'span',
        { class: 'badge', 'data-state': verdict, title: reason ?? '' },
        `${WORDS[verdict]}${repaired ? ', after a repair' : ''}`
      ),
      count(keys),
      count(differences),
      pause_ms === null ? '–' : `${count(pause_ms)} ms`,
      `${(duration_ms / 1_000).toFixed(1)} s`,
      ago(Date.parse(started_at), Date.now())
    ]),
    'Reconciliations'
  )
