/** Pieces that views are made of. */
import { element, setText } from './dom.js'

let ids = 0

/** A section with a heading; `beside` stands at the end of its head. */
export function panel({ title, className = '', beside = [], note = '' }, ...children) {
  const id = `panel-${++ids}`
  const remark = element('p', { class: 'note' }, note)
  const node = element(
    'section',
    { class: `panel ${className}`, 'aria-labelledby': id },
    element('header', { class: 'head' }, element('h2', { id }, title), remark, ...beside),
    ...children
  )
  return Object.assign(node, { setNote: text => setText(remark, text) })
}

/** Names and values, such as totals. */
export const figures = rows =>
  element(
    'dl',
    { class: 'totals' },
    ...rows.map(([name, value, meaning]) => element('div', { title: meaning }, element('dt', {}, name), element('dd', {}, value)))
  )

/** A table of texts and elements; numbers stand to the right, long texts have room. */
export function table(heads, rows, caption, className = '') {
  const cell = (value, i) => element('td', { class: heads[i].number ? 'number right' : heads[i].long ? 'long' : '' }, ...[value].flat())
  return element(
    'div',
    { class: 'score', tabindex: 0, role: 'group', 'aria-label': caption },
    element(
      'table',
      { class: className },
      element('caption', { class: 'hidden' }, caption),
      element(
        'thead',
        {},
        element('tr', {}, ...heads.map(head => element('th', { scope: 'col', class: head.number ? 'right' : '' }, head.name)))
      ),
      element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map(cell))))
    )
  )
}

/** The fields of a record and their values. */
export const fieldsTable = (event, caption) =>
  table(
    [{ name: 'Field' }, { name: 'Value' }],
    Object.entries(event).map(([name, value]) => [name, fieldText(name, value)]),
    caption,
    'facts'
  )

function fieldText(name, value) {
  if (value === null) return '–'
  if (name.endsWith('_at') && Number.isFinite(new Date(value).getTime())) return new Date(value).toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export const empty = text => element('p', { class: 'empty' }, text)

/** Rows with a bar below each: {name, by, value, text, href, hint}. */
export function bars(items, label) {
  const most = Math.max(1, ...items.map(item => item.value))
  return element(
    'ol',
    { class: 'ranks', 'aria-label': label },
    ...items.map((item, i) =>
      element(
        'li',
        { '--part': String((100 * item.value) / most), title: item.hint },
        element('span', { class: 'rank' }, String(i + 1)),
        item.href ? element('a', { class: 'title clip', href: item.href }, item.name) : element('span', { class: 'title clip' }, item.name),
        element('span', { class: 'count' }, item.text),
        item.by ? element('span', { class: 'artist by clip' }, item.by) : ''
      )
    )
  )
}

/** One of a few words; `choose` is called with the word. */
export function choice(legend, words, chosen, choose) {
  const name = `choice-${++ids}`
  return element(
    'fieldset',
    { class: 'switch' },
    element('legend', { class: 'hidden' }, legend),
    ...words.map(([value, text]) =>
      element(
        'label',
        {},
        element('input', { type: 'radio', name, value, checked: value === chosen, onchange: () => choose(value) }),
        element('span', {}, text)
      )
    )
  )
}
