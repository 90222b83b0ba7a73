import { get } from '../api.js'
import { element } from '../dom.js'
import { ago, count } from '../format.js'
import { empty, panel, table } from '../parts.js'

const WORDS = { equal: 'equal', different: 'different', failed: 'not compared' }

/** The verdicts of the last comparisons of stream and batch. */
export function reconciliationsPanel() {
  const body = element('div', {}, empty('Reading.'))
  const node = panel(
    { title: 'Stream and batch compared', className: 'wide', note: 'Key by key. Reports: reconciliations, in the data directory' },
    body
  )
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
      [element('span', { class: 'badge', 'data-state': verdict }, WORDS[verdict]), repaired ? ' after a repair' : '', why(reason)],
      verdict === 'failed' ? '–' : count(keys),
      verdict === 'failed' ? '–' : count(differences),
      pause_ms === null ? '–' : `${count(pause_ms)} ms`,
      `${(duration_ms / 1_000).toFixed(1)} s`,
      ago(Date.parse(started_at), Date.now())
    ]),
    'Reconciliations'
  )

/** The first line, the others when it is opened: a program's last lines may be among them. */
function why(reason) {
  if (reason === null) return ''
  const [first, ...more] = reason.split('\n')
  if (more.length === 0) return element('p', { class: 'reason' }, first)
  return element('details', { class: 'reason' }, element('summary', {}, first), element('pre', {}, more.join('\n')))
}
