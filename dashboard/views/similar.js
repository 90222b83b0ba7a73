/** A listener beside others: who is like them, and what two have in common. */
import { get } from '../api.js'
import { element } from '../dom.js'
import { count, isolated } from '../format.js'
import { empty, figures, panel, table } from '../parts.js'
import { at } from '../router.js'

const SHOWN = 10
const LISTED = 20

const percent = value => `${Math.round(100 * value)} %`
const nameOf = ({ name, listener_id }) => name ?? listener_id

/** `place` leads to a comparison: (listener_id) → address. */
export async function similarPanel(path, place, className = '') {
  const heading = { title: 'Listeners alike', className, note: 'By the artists that both love' }
  try {
    const { listeners, considered } = await get(`${path}/similar`, { limit: SHOWN })
    if (listeners.length === 0)
      return panel(heading, empty(considered === 0 ? 'Nobody to compare with: others share their taste if they want to.' : 'Nobody yet.'))
    const rows = listeners.map(other => [
      element('a', { href: place(other.listener_id) }, nameOf(other)),
      percent(other.similarity),
      other.shared_artists.map(({ artist_name }) => isolated(artist_name)).join(', ')
    ])
    return panel(heading, table([{ name: 'Listener' }, { name: 'Alike', number: true }, { name: 'Because of' }], rows, 'Listeners alike'))
  } catch (error) {
    return panel(heading, empty(error.status === 404 ? 'Too little is known yet.' : error.message))
  }
}

/** Two listeners: what both love and play, and who heard it first. */
export async function comparisonPanels(path, otherId) {
  const both = await get(`${path}/compare/${encodeURIComponent(otherId)}`, { limit: LISTED })
  const [one, other] = [both.listener, both.other].map(listener => isolated(nameOf(listener)))
  return [
    panel(
      { title: `${one} and ${other}`, className: 'wide' },
      figures([
        ['alike', percent(both.similarity), "The cosine of the two listeners' affinities to artists"],
        ['artists that both love', count(both.total_shared_artists)],
        ['tracks that both play often', count(both.total_shared_tracks)]
      ])
    ),
    panel({ title: 'Artists', className: 'wide' }, heardTable(both.shared_artists, { one, other, what: 'artist' })),
    panel({ title: 'Tracks', className: 'wide' }, heardTable(both.shared_tracks, { one, other, what: 'track' }))
  ]
}

function heardTable(rows, { one, other, what }) {
  if (rows.length === 0) return empty(`No ${what} in common.`)
  const plays = value => (value === null ? '–' : count(value))
  const isArtist = what === 'artist'
  const heads = [
    { name: isArtist ? 'Artist' : 'Track' },
    ...(isArtist ? [{ name: 'Part of it', number: true }] : [{ name: 'Artist' }]),
    { name: `Plays of ${one}`, number: true },
    { name: `Plays of ${other}`, number: true },
    { name: 'Heard first by' }
  ]
  const cells = row => [
    isArtist ? row.artist_name : element('a', { href: at('tracks', row.track_id) }, row.track_name),
    isArtist ? percent(row.share) : (row.artist_name ?? ''),
    plays(row.plays),
    plays(row.other_plays),
    firstBy(row, one, other)
  ]
  return table(heads, rows.map(cells), `${isArtist ? 'Artists' : 'Tracks'} in common`)
}

function firstBy({ first, first_played_at, other_first_played_at }, one, other) {
  if (first === null) return '–'
  if (first === 'same_time') return 'both at once'
  const [name, time] = first === 'listener' ? [one, first_played_at] : [other, other_first_played_at]
  return [`${name}, `, element('time', { datetime: time }, time.slice(0, 10))]
}
