/** One listener: what they played most, when, in which sessions. `path` is v1/me or v1/users/ID. */
import { get } from '../api.js'
import { element } from '../dom.js'
import { count, countryName, hours, span } from '../format.js'
import { bars, empty, figures, panel } from '../parts.js'
import { at } from '../router.js'

const TOP = 10
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const MINUTE = 60_000
/** Of an affinity, with two digits. */
const LEAST_SHOWN = 0.005

/** Panels of one's own numbers. Throws what the API refuses. */
export async function analyticsPanels(path, heading) {
  const utc_offset = Math.max(-12, Math.min(14, Math.round(-new Date().getTimezoneOffset() / 60)))
  const [own, affinity] = await Promise.all([
    get(`${path}/analytics`, { limit: TOP, utc_offset }),
    get(`${path}/affinity`, { limit: TOP }).catch(() => ({ artists: [], country: null }))
  ])
  const from = own.first_play_at ? `since ${own.first_play_at.slice(0, 10)}` : ''
  const loved = affinity.artists.filter(artist => artist.affinity >= LEAST_SHOWN)
  const note = [from, affinity.country && countryName(affinity.country)].filter(Boolean).join(' · ')
  return [
    panel({ title: heading, className: 'wide', note }, totals(own), gaps(own.gaps)),
    panel(
      { title: 'Tracks', note: 'By plays' },
      own.top_tracks.length > 0 ? bars(own.top_tracks.map(trackRow), 'Most played tracks') : empty('No play yet.')
    ),
    panel(
      { title: 'Artists', note: 'By plays' },
      own.top_artists.length > 0 ? bars(own.top_artists.map(artistRow), 'Most played artists') : empty('No play yet.')
    ),
    panel(
      { title: 'When', note: `By weekday and hour, ${utc_offset === 0 ? 'UTC' : `UTC${utc_offset > 0 ? '+' : ''}${utc_offset}`}` },
      clock(own.clock.plays)
    ),
    panel(
      { title: 'Loves', note: 'Plays and likes of the last months weigh most' },
      loved.length > 0
        ? bars(
            loved.map(artist => ({
              name: artist.artist_name,
              value: artist.affinity,
              text: artist.affinity.toFixed(2),
              hint: `${count(artist.plays)} plays`
            })),
            'Artists by affinity'
          )
        : empty('Nothing yet.')
    )
  ]
}

function totals({ plays, listening_ms, sessions, days }) {
  return figures([
    ['plays', count(plays)],
    ['hours', hours(listening_ms)],
    ['sessions', count(sessions.count)],
    ['a session, on average', span(sessions.average_ms), 'From the start of its first play to the start of its last'],
    ['the longest', sessions.longest_ms >= 60 * MINUTE ? `${hours(sessions.longest_ms)} h` : span(sessions.longest_ms)],
    ['days with plays', count(days.active)],
    ['days in a row now', count(days.current_streak)],
    ['most days in a row', count(days.longest_streak)]
  ])
}

/** What is missing is said. */
function gaps(list) {
  if (list === null || list.length === 0) return ''
  const rows = list.map(({ from, to }) =>
    element('li', {}, `${from.slice(0, 16).replace('T', ' ')} to ${to.slice(0, 16).replace('T', ' ')}`)
  )
  return element(
    'div',
    { class: 'remark gaps' },
    element('p', {}, 'More was played at these times than Spotify still listed, so their numbers are too low:'),
    element('ul', {}, ...rows)
  )
}

const trackRow = ({ track_id, track_name, artist_name, plays, first_played_at }) => ({
  ...{ name: track_name, by: artist_name, value: plays, text: count(plays), href: at('tracks', track_id) },
  hint: `First played on ${first_played_at.slice(0, 10)}`
})
const artistRow = ({ artist_name, plays, first_played_at }) => ({
  name: artist_name,
  value: plays,
  text: count(plays),
  hint: `First played on ${first_played_at.slice(0, 10)}`
})

/** Weekdays down, hours across; a table, so that it can be read without colours. */
function clock(plays) {
  const most = Math.max(1, ...plays.flat())
  const head = element(
    'tr',
    {},
    element('td'),
    ...Array.from({ length: 24 }, (_, hour) =>
      element('th', { scope: 'col' }, hour % 6 === 0 ? String(hour) : element('span', { class: 'hidden' }, String(hour)))
    )
  )
  const rows = plays.map((day, i) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, DAYS[i].slice(0, 3)),
      ...day.map((value, hour) =>
        element(
          'td',
          { title: `${DAYS[i]}, ${hour} to ${hour + 1}: ${count(value)} plays`, '--heat': `${Math.round((100 * value) / most)}%` },
          element('span', { class: 'hidden' }, String(value))
        )
      )
    )
  )
  return element(
    'table',
    { class: 'clock' },
    element('caption', { class: 'hidden' }, 'Plays by weekday and hour'),
    element('thead', {}, head),
    element('tbody', {}, ...rows)
  )
}
