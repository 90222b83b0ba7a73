import { get } from '../api.js'
import { element } from '../dom.js'
import { ago, count, countryName } from '../format.js'
import { empty, panel, table } from '../parts.js'
import { at, go } from '../router.js'
import { analyticsPanels } from './listener.js'
import { comparisonPanels, similarPanel } from './similar.js'

export const title = 'Listeners'
const SHOWN = 50

/** Everybody, one of them, or one beside another. */
export function open(container, [user, other]) {
  let closed = false
  container.replaceChildren(panel({ title }, empty('Reading.')))
  const show = user === undefined ? everybody() : other === undefined ? one(user) : comparisonPanels(pathOf(user), other)
  show.then(
    nodes => closed || container.replaceChildren(element('div', { class: 'grid' }, ...nodes)),
    error =>
      closed ||
      container.replaceChildren(
        panel(
          { title: user ?? title },
          empty(error.status === 404 && other === undefined ? `Nobody called ${user} has played anything yet.` : error.message)
        )
      )
  )
  return () => {
    closed = true
  }
}

async function everybody() {
  const { users } = await get('v1/users', { limit: SHOWN })
  users.sort((a, b) => Date.parse(b.last_play_at) - Date.parse(a.last_play_at))
  const find = element(
    'form',
    {
      class: 'asking',
      onsubmit: event => {
        event.preventDefault()
        const id = new FormData(event.target).get('id').trim()
        if (id !== '') go('listeners', id)
      }
    },
    element(
      'label',
      { class: 'field' },
      element('span', {}, 'Listener'),
      element('input', { name: 'id', maxlength: 128, autocomplete: 'off', spellcheck: 'false' })
    ),
    element('button', { class: 'quiet', type: 'submit' }, 'Show')
  )
  const rows = users.map(({ user_id, track, country, session_plays, last_play_at }) => [
    element('a', { href: at('listeners', user_id) }, user_id),
    track ? element('a', { href: at('tracks', track.track_id) }, track.track_name) : '–',
    country ? countryName(country) : '–',
    count(session_plays),
    ago(Date.parse(last_play_at), Date.now())
  ])
  const list = table(
    [
      { name: 'Listener' },
      { name: 'Last track' },
      { name: 'Country' },
      { name: 'Plays of the session', number: true },
      { name: 'When', number: true }
    ],
    rows,
    'Who played something last'
  )
  return [panel({ title: 'Who played something last', className: 'wide' }, find, rows.length > 0 ? list : empty('Nobody yet.'))]
}

const pathOf = user => `v1/users/${encodeURIComponent(user)}`

async function one(user) {
  const [parts, alike] = await Promise.all([
    analyticsPanels(pathOf(user), user),
    similarPanel(pathOf(user), id => at('listeners', user, id), 'wide')
  ])
  return [...parts, alike]
}
