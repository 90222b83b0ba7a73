import { get, post } from '../api.js'
import { element } from '../dom.js'
import { ago } from '../format.js'
import { empty, fieldsTable, panel, table } from '../parts.js'
import { at } from '../router.js'
import { chaosPanel } from './chaos.js'
import { reconciliationsPanel } from './reconciliations.js'

export const title = 'Operations'
const LETTERS = 25
const BYTES_A_ROW = 16

/** Dead letters with a second try, and in development a task that is killed. */
export function open(container, [letterId]) {
  const letters = lettersPanel(letterId)
  const chaos = chaosPanel()
  const compared = reconciliationsPanel()
  container.replaceChildren(element('div', { class: 'grid' }, letters.node, chaos.node, compared.node))
  return () => {
    letters.close()
    chaos.close()
    compared.close()
  }
}

function lettersPanel(letterId) {
  const body = element('div', {}, empty('Reading.'))
  const said = element('p', { class: 'note', role: 'status' })
  const node = panel({ title: 'Dead letters', className: 'wide' }, said, body)
  let closed = false
  const fail = error => closed || body.replaceChildren(empty(error.message))

  const show = async () => {
    if (letterId === undefined) {
      const { letters, complete } = await get('v1/operations/dead-letters', { limit: LETTERS })
      if (!closed)
        body.replaceChildren(letters.length === 0 ? empty('None: every record that came in was accepted.') : list(letters, complete, retry))
    } else {
      const letter = await get(`v1/operations/dead-letters/${encodeURIComponent(letterId)}`)
      if (!closed) body.replaceChildren(opened(letter, retry))
    }
  }
  const retry = async (ids, button) => {
    button.disabled = true
    try {
      const { sent } = await post('v1/operations/dead-letters/retry', { ids })
      said.textContent = `${sent.length === 1 ? 'One record was' : `${sent.length} records were`} sent again. What is still wrong comes back as a new dead letter.`
      if (!closed) setTimeout(() => closed || show().catch(fail), 1_000)
    } catch (error) {
      said.textContent = error.message
    }
    button.disabled = false
  }
  show().catch(fail)
  return { node, close: () => (closed = true) }
}

function list(letters, complete, retry) {
  const chosen = () => [...rows.querySelectorAll('input:checked')].map(input => input.value)
  const rows = table(
    [
      { name: element('span', { class: 'hidden' }, 'Choose') },
      { name: 'Record' },
      { name: 'Reason', long: true },
      { name: 'Came in', number: true }
    ],
    letters.map(({ id, code, reason, record_time }) => [
      element('input', { type: 'checkbox', value: id, 'aria-label': `Choose ${id}` }),
      [element('a', { class: 'mono', href: at('operations', id) }, id), element('p', { class: 'soft' }, code)],
      reason,
      ago(Date.parse(record_time), Date.now())
    ]),
    'Dead letters'
  )
  const button = element(
    'button',
    { type: 'button', class: 'quiet', disabled: true, onclick: () => retry(chosen(), button) },
    'Send the chosen ones again'
  )
  rows.addEventListener('change', () => {
    button.disabled = chosen().length === 0
  })
  return element(
    'div',
    {},
    rows,
    element('p', { class: 'below' }, button, complete ? '' : element('span', { class: 'note' }, 'There are more: segue dlq lists all.'))
  )
}

function opened(letter, retry) {
  const { id, code, reason, topic, processor, record_time, at: place, key, event, bytes, size } = letter
  const facts = [
    ['Reason', `${code}: ${reason}`],
    ['Record', `${id}, came in at ${record_time}`],
    ['Letter', `${place.topic} · partition ${place.partition} · offset ${place.offset}`],
    ['Rejected by', processor],
    ['Key', key ?? '–']
  ]
  const button = element('button', { type: 'button', class: 'quiet', onclick: () => retry([id], button) }, `Send it again to ${topic}`)
  return element(
    'div',
    {},
    element('p', { class: 'below' }, element('a', { href: at('operations') }, 'All dead letters'), button),
    table([{ name: 'What' }, { name: 'Value' }], facts, 'The dead letter', 'facts'),
    event ? element('h3', {}, 'Its fields') : '',
    event ? fieldsTable(event, 'Fields of the record') : element('p', { class: 'note' }, 'No schema decodes its value.'),
    element('h3', {}, `Its bytes (${size})`),
    element('pre', { class: 'hex mono', tabindex: 0 }, bytes === null ? 'none' : hexDump(bytes))
  )
}

/** Offset, bytes and characters, sixteen to a line. */
function hexDump(hex) {
  const all = hex.match(/../g) ?? []
  const lines = []
  for (let i = 0; i < all.length; i += BYTES_A_ROW) {
    const row = all.slice(i, i + BYTES_A_ROW)
    const characters = row.map(byte => Number.parseInt(byte, 16)).map(code => (code >= 32 && code < 127 ? String.fromCharCode(code) : '·'))
    lines.push(`${i.toString(16).padStart(4, '0')}  ${row.join(' ').padEnd(3 * BYTES_A_ROW)} ${characters.join('')}`)
  }
  return lines.join('\n')
}
