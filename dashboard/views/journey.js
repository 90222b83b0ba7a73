import { get } from '../api.js'
import { element } from '../dom.js'
import { ago, count } from '../format.js'
import { empty, fieldsTable, panel, table } from '../parts.js'
import { at, go } from '../router.js'

export const title = 'Journey'
const LATEST = 10
const PAIRS = 12
const NEXT = 3

/** What became of one event: raw, clean, session, pairs, neighbours, answer; each with the record where it can be seen. */
export function open(container, [eventId, userId]) {
  const form = search(eventId, userId)
  const result = element('div', {})
  container.replaceChildren(panel({ title: 'One event, from the topic to the answer' }, form, result))
  const show = eventId === undefined ? latest() : journey(eventId, userId)
  let closed = false
  result.replaceChildren(empty(eventId === undefined ? 'Reading.' : 'Searching.'))
  show.then(
    node => closed || result.replaceChildren(node),
    error => closed || result.replaceChildren(empty(error.message))
  )
  return () => {
    closed = true
  }
}

function search(eventId = '', userId = '') {
  const field = (name, label, value, required) =>
    element(
      'label',
      { class: 'field' },
      element('span', {}, label),
      element('input', { name, value, required, maxlength: 128, autocomplete: 'off', spellcheck: 'false' })
    )
  return element(
    'form',
    {
      class: 'asking',
      onsubmit: event => {
        event.preventDefault()
        const { id, user } = Object.fromEntries(new FormData(event.target))
        go('journey', ...[id.trim(), user.trim()].filter(part => part !== ''))
      }
    },
    field('id', 'Event id', eventId, true),
    field('user', 'Listener, to search further back', userId, false),
    element('button', { class: 'quiet', type: 'submit' }, 'Follow')
  )
}

async function latest() {
  const { events } = await get('v1/operations/events', { limit: LATEST })
  if (events.length === 0) return empty('No event has come in yet.')
  return element(
    'div',
    {},
    element('h3', {}, 'The latest ones'),
    table(
      [{ name: 'Event' }, { name: 'Track' }, { name: 'Listener' }, { name: 'Topic' }, { name: 'Came in', number: true }],
      events.map(({ event_id, track_name, user_id, topic, record_time }) => [
        element('a', { class: 'mono', href: at('journey', event_id, user_id) }, event_id),
        track_name,
        user_id,
        topic,
        ago(Date.parse(record_time), Date.now())
      ]),
      'The latest events'
    )
  )
}

async function journey(eventId, userId) {
  const found = await get(`v1/operations/journeys/${encodeURIComponent(eventId)}`, { user_id: userId })
  const answer = found.clean
    ? await get(`v1/recommendations/${encodeURIComponent(found.clean.track_id)}`, { user_id: found.clean.user_id, limit: NEXT }).catch(
        () => undefined
      )
    : undefined
  const steps = [raw(found), clean(found), session(found), pairs(found), neighbours(found), answered(found, answer)]
  return element(
    'div',
    {},
    element('ol', { class: 'steps' }, ...steps.filter(Boolean)),
    element('p', { class: 'note' }, `${count(found.searched)} records were read to find this.`)
  )
}

const step = (name, where, state, ...content) =>
  element('li', { 'data-state': state }, element('h3', {}, name), where ? element('p', { class: 'where mono' }, where) : '', ...content)

const placeOf = ({ topic, partition, offset }) => `${topic} · partition ${partition} · offset ${offset}`
const text = (...parts) => element('p', {}, ...parts)

function raw({ raw }) {
  const fields = Object.entries(raw.event ?? {}).filter(([, value]) => value !== null)
  return step(
    'Raw',
    placeOf(raw),
    'done',
    text(`Came in ${ago(Date.parse(raw.record_time), Date.now())}, at ${raw.record_time}.`),
    raw.event
      ? element('details', {}, element('summary', {}, 'Its fields'), fieldsTable(Object.fromEntries(fields), 'Fields of the event'))
      : text('No schema decodes it.')
  )
}

function clean({ clean, letter, verdict }) {
  if (verdict === 'waiting') return step('Clean', '', 'waiting', text('It waits: its partition has not been processed up to there.'))
  if (verdict === 'rejected')
    return step(
      'Rejected',
      placeOf(letter.at),
      'bad',
      text(`${letter.code}: ${letter.reason} `, element('a', { href: at('operations', letter.id) }, 'See the dead letter'))
    )
  if (verdict === 'unknown')
    return step(
      'Clean',
      '',
      'waiting',
      text('It was processed. Its canonical event is not among those that were searched: the topic keeps them for 30 days.')
    )
  const what =
    verdict === 'duplicate' ? 'A duplicate: this event of the same listener, track and time counts.' : `Accepted as a ${clean.type}.`
  return step(
    'Clean',
    placeOf(clean),
    'done',
    text(what),
    text(
      element('a', { href: at('tracks', clean.track_id) }, clean.track_name),
      ` by ${clean.artist_name ?? clean.artist_id} · `,
      element('a', { href: at('listeners', clean.user_id) }, clean.user_id)
    )
  )
}

function session({ session, clean, verdict }) {
  if (verdict !== 'accepted') return undefined
  if (session === null)
    return step(
      'Session',
      '',
      'none',
      text(
        `Sessions are made of plays: a ${clean.type} belongs to none. It counts for the listener's affinity${clean.type === 'other' || clean.type === 'pause' ? ' in no way' : ''}.`
      )
    )
  const { plays, place, complete, published, started_at, last_play_at } = session
  const from = Math.max(0, place - 4)
  const near = plays.slice(from, place + 5)
  const minutes = Math.round((Date.parse(last_play_at) - Date.parse(started_at)) / 60_000)
  return step(
    'Session',
    published ? `${placeOf(published)}: the listener's latest session` : '',
    'done',
    text(
      `Play ${place + 1} of ${plays.length}${minutes > 0 ? `, over ${minutes} min` : ''}${complete ? '' : '; plays further away may be missing here'}.`
    ),
    element(
      'ol',
      { class: 'near' },
      ...near.map((play, i) =>
        element(
          'li',
          { class: from + i === place ? 'own' : '' },
          element('time', { datetime: play.occurred_at }, play.occurred_at.slice(11, 16)),
          ' ',
          element('span', { class: 'title' }, play.track_name)
        )
      )
    )
  )
}

function pairs({ pairs, verdict, session }) {
  if (verdict !== 'accepted' || session === null) return undefined
  if (pairs.length === 0)
    return step('Pairs', 'track-updates: purged once consumed', 'none', text('None yet: it is the only track of its session.'))
  const near = pair => Math.min(pair.before ?? 99, pair.after ?? 99)
  const rows = [...pairs].sort((a, b) => near(a) - near(b)).slice(0, PAIRS)
  const k = value => (value === null ? '–' : String(value))
  return step(
    'Pairs',
    'track-updates: purged once consumed',
    'done',
    text(
      `With ${pairs.length === 1 ? 'the other track' : `each of ${pairs.length} other tracks`} of the session: one session together, and a weight of 1/k by how close they are (k = 1: next to each other).`
    ),
    table(
      [
        { name: 'Track' },
        { name: 'Before it (k)', number: true },
        { name: 'After it (k)', number: true },
        { name: 'Sessions together', number: true },
        { name: 'Weight now', number: true }
      ],
      rows.map(pair => [
        element('a', { href: at('tracks', pair.track_id) }, pair.track_name),
        k(pair.before),
        k(pair.after),
        pair.sessions_together === null ? '–' : count(pair.sessions_together),
        pair.weight === null ? '–' : pair.weight.toFixed(2)
      ]),
      'Pairs of the play'
    ),
    pairs.length > rows.length ? text(`and ${pairs.length - rows.length} others`) : ''
  )
}

function neighbours({ neighbours, view, verdict, clean }) {
  if (verdict !== 'accepted' || clean.type !== 'play') return undefined
  if (neighbours === null)
    return step('Neighbours', '', 'waiting', text('The track has no list of neighbours among the records that were searched.'))
  const position = view.find(({ topic }) => topic === 'track-neighbours')
  const inView = position && position.offset > neighbours.offset
  return step(
    'Neighbours',
    placeOf(neighbours),
    inView ? 'done' : 'waiting',
    text(
      `The latest list of the track. The view ${inView ? 'has it' : 'has not read it yet'}${position ? `: it has read up to offset ${position.offset - 1}` : ''}.`
    )
  )
}

function answered({ verdict, clean }, answer) {
  if (verdict !== 'accepted' || !answer) return undefined
  const list = answer.recommendations.map(item =>
    element(
      'li',
      {},
      element('a', { class: 'title', href: at('tracks', item.track_id) }, item.track_name),
      ` ${Math.round(item.recommendation_score)} · ${item.reasoning}`
    )
  )
  return step(
    'Answer',
    `GET /v1/recommendations/${clean.track_id}`,
    'done',
    list.length > 0 ? element('ol', { class: 'answers' }, ...list) : text('Nothing to recommend yet.')
  )
}
