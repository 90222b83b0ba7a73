import { get, repeat } from '../api.js'
import { element, reconcile, setText } from '../dom.js'
import { count, countryName } from '../format.js'
import { choice, empty, panel } from '../parts.js'
import { at } from '../router.js'

export const title = 'Leaderboards'
const SHOWN = 20
const EVERY_MS = 5_000
const WINDOWS = ['hour', 'day', 'week', 'all']
const BEFORE = { hour: 'the hour before', day: 'the 24 hours before', week: 'the week before', all: '24 hours ago' }
const KINDS = [
  [
    'tracks',
    'Tracks',
    entry => ({ id: entry.track_id, name: entry.track_name, by: entry.artist_name, href: at('tracks', entry.track_id) })
  ],
  ['artists', 'Artists', entry => ({ id: entry.artist_id, name: entry.artist_name })],
  [
    'listeners',
    'Listeners',
    entry => ({
      id: entry.listener_id,
      name: entry.name ?? entry.listener_id,
      by: entry.is_me ? 'you' : null,
      href: entry.listener_id.startsWith('listener-') ? undefined : at('listeners', entry.listener_id)
    })
  ]
]

/** Who and what is played most in a window and a country, and how that moved. */
export function open(container, [window = 'day', country = '']) {
  let chosen = WINDOWS.includes(window) ? window : 'day'
  const boards = KINDS.map(([kind, name, describe]) => ({ kind, describe, ...board(name) }))
  const select = element('select', { 'aria-label': 'Country', onchange: () => loop.now() }, element('option', { value: '' }, 'everywhere'))
  const windows = choice(
    'Window',
    WINDOWS.map(word => [word, word]),
    chosen,
    word => {
      chosen = word
      loop.now()
    }
  )
  const head = panel({ title, className: 'wide', note: ' ', beside: [element('label', { class: 'select' }, select), windows] })
  container.replaceChildren(element('div', { class: 'grid thirds' }, head, ...boards.map(({ node }) => node)))
  void offerCountries(select, country)
  const loop = repeat(EVERY_MS, async () => {
    const query = { window: chosen, country: select.value, limit: SHOWN }
    head.setNote(`By plays; moved since ${BEFORE[chosen]}`)
    await Promise.all(
      boards.map(async ({ kind, describe, show }) => {
        try {
          const { entries } = await get(`v1/leaderboards/${kind}`, query)
          if (query.window === chosen && query.country === select.value) show(entries, describe)
        } catch (error) {
          show([], describe, error.message)
        }
      })
    )
  })
  return loop.stop
}

/** The countries that listeners were in lately. */
async function offerCountries(select, chosen) {
  const users = await get('v1/users', { limit: 50 }).then(
    answer => answer.users,
    () => []
  )
  const codes = [...new Set(users.map(user => user.country).filter(Boolean))].sort((a, b) => countryName(a).localeCompare(countryName(b)))
  for (const code of codes) select.append(element('option', { value: code, selected: code === chosen }, countryName(code)))
}

function board(name) {
  const list = element('ol', { class: 'ranks moving' })
  const nothing = empty('Reading.')
  const show = (entries, describe, problem) => {
    nothing.hidden = entries.length > 0
    setText(nothing, problem ?? 'Nothing was played in this window.')
    const most = Math.max(1, ...entries.map(entry => entry.plays))
    reconcile(
      list,
      entries.map(entry => ({ ...entry, ...describe(entry) })),
      {
        key: ({ id, name }) => `${id}\n${name}`,
        make: ({ name, by, href }) =>
          element(
            'li',
            {},
            element('span', { class: 'rank' }),
            href ? element('a', { class: 'title clip', href }, name) : element('span', { class: 'title clip', title: name }, name),
            element('span', { class: 'move' }),
            element('span', { class: 'count' }),
            by ? element('span', { class: 'artist by clip' }, by) : ''
          ),
        update(item, { rank, movement, previous_rank, plays, is_me }) {
          item.classList.toggle('me', is_me === true)
          item.style.setProperty('--part', String((100 * plays) / most))
          setText(item.children[0], String(rank))
          const [word, sentence, kind] = moved(movement, previous_rank)
          const move = item.children[2]
          setText(move, word)
          move.title = sentence
          move.dataset.kind = kind
          setText(item.children[3], count(plays))
        }
      }
    )
  }
  return { node: panel({ title: name }, nothing, list), show }
}

function moved(movement, previous) {
  if (movement === 'new') return ['new', 'Was not among the first hundred before', 'new']
  const places = Number(movement)
  if (places === 0) return ['=', 'Where it was before', 'same']
  return [places > 0 ? `▲ ${places}` : `▼ ${-places}`, `Was at place ${previous} before`, places > 0 ? 'up' : 'down']
}
