import { get, post, repeat } from '../api.js'
import { element, reconcile, setText } from '../dom.js'
import { count } from '../format.js'
import { empty, panel } from '../parts.js'

const EVERY_MS = 2_000
const KEPT = 6

/** Whether all is counted exactly once; in development, buttons that kill tasks, so that one can watch it stay so. */
export function chaosPanel() {
  const verdict = element('p', { class: 'verdict', role: 'status' }, 'Counting.')
  const tasks = element('ul', { class: 'tasks' })
  const events = element('ol', { class: 'events', 'aria-label': 'What happened' })
  const lost = element('input', { type: 'checkbox', checked: true })
  const tools = element('div', { hidden: true }, element('label', { class: 'check' }, lost, ' its state is lost, too'), tasks, events)
  const refusal = empty('')
  refusal.hidden = true
  const node = panel({ title: 'Counted exactly once', className: 'wide' }, verdict, tools, refusal)
  const log = []

  const say = text => {
    log.unshift(`${new Date().toISOString().slice(11, 19)} ${text}`)
    events.replaceChildren(...log.slice(0, KEPT).map(line => element('li', {}, line)))
  }
  const kill = async (unit, partition, button) => {
    button.disabled = true
    say(`${unit} ${partition} was killed${lost.checked ? ', its state wiped' : ''}.`)
    try {
      const { back_after_ms } = await post('v1/operations/chaos', { unit, partition, state_lost: lost.checked })
      say(`${unit} ${partition} runs again, after ${count(back_after_ms)} ms.`)
      const audit = await untilQuiet()
      if (audit) say(sentence(audit))
    } catch (error) {
      say(error.message)
    }
    button.disabled = false
    loop.now()
  }
  const loop = repeat(EVERY_MS, async () => {
    try {
      const [audit, { tasks: states }] = await Promise.all([get('v1/operations/audit'), get('v1/topology')])
      if (audit.exact !== null || verdict.dataset.state === undefined) {
        verdict.dataset.state = String(audit.exact)
        setText(verdict, sentence(audit))
      }
      tools.hidden = !audit.chaos
      refusal.hidden = audit.chaos
      setText(refusal, 'Tasks can be killed here in development only: SEGUE_CHAOS=on.')
      showTasks(tasks, states, kill)
    } catch (error) {
      setText(verdict, error.message)
    }
  })
  return { node, close: loop.stop }
}

async function untilQuiet() {
  for (let tries = 0; tries < 20; tries++) {
    const audit = await get('v1/operations/audit')
    if (audit.exact !== null) return audit
  }
  return undefined
}

const sentence = ({ records, counted, exact }) =>
  exact === null
    ? `${count(records)} records came in; too much comes in to compare just now.`
    : exact
      ? `Exact: ${records.toLocaleString('en')} records came in, ${counted.toLocaleString('en')} are counted.`
      : `Not exact: ${records.toLocaleString('en')} records came in, ${counted.toLocaleString('en')} are counted.`

function showTasks(list, states, kill) {
  reconcile(list, states, {
    key: ({ unit, partition }) => `${unit} ${partition}`,
    make: ({ unit, partition }) => {
      const button = element('button', { type: 'button', class: 'quiet', onclick: () => kill(unit, partition, button) }, 'Kill')
      button.setAttribute('aria-label', `Kill ${unit} ${partition}`)
      return element('li', {}, element('span', {}, `${unit} ${partition}`), element('span', { class: 'note' }), button)
    },
    update: (item, { state, detail }) => {
      item.dataset.state = state
      setText(item.children[1], detail ? `${state}: ${detail}` : state)
    }
  })
}
