import { get, repeat } from './api.js'
import { byId, element, reconcile, setText } from './dom.js'
import { count, countryName } from './format.js'
import { isLive } from './router.js'

const SHOWN = 7
const EVERY_MS = 4_000

/** Top tracks and artists of a window and country. */
export function startCharts() {
  const country = byId('country')
  const known = new Set()
  const load = repeat(
    EVERY_MS,
    async () => {
      const query = { window: chosenWindow(), country: country.value, limit: SHOWN }
      try {
        const [tracks, artists] = await Promise.all([get('charts/tracks', query), get('charts/artists', query)])
        if (query.window !== chosenWindow() || query.country !== country.value) return
        show('tracks', tracks.entries, entry => [entry.track_id, entry.track_name, entry.artist_name])
        show('artists', artists.entries, entry => [entry.artist_id, entry.artist_name, null])
      } catch (error) {
        for (const list of ['tracks', 'artists'])
          if (byId(list).childElementCount === 0) setText(byId(`${list}-empty`), error.whileRetrying)
      }
    },
    isLive
  )
  byId('window').addEventListener('change', load.now)
  country.addEventListener('change', load.now)

  return {
    load,
    /** Offers a country that an event came from. */
    sawCountry(code) {
      if (!code || known.has(code)) return
      known.add(code)
      const option = element('option', { value: code }, countryName(code))
      const after = [...country.options].slice(1).find(other => other.text.localeCompare(option.text) > 0)
      country.insertBefore(option, after ?? null)
    }
  }
}

const chosenWindow = () => document.querySelector('input[name="window"]:checked').value
const EMPTY = { hour: 'in the last hour', day: 'in the last day', week: 'in the last week', all: 'yet' }

function show(list, entries, describe) {
  const empty = byId(`${list}-empty`)
  empty.hidden = entries.length > 0
  const where = byId('country').value === '' ? '' : ` in ${countryName(byId('country').value)}`
  setText(empty, `Nothing was played${where} ${EMPTY[chosenWindow()]}.`)
  const most = entries[0]?.plays ?? 1
  reconcile(byId(list), entries, {
    key: entry => describe(entry)[0],
    make: () =>
      element(
        'li',
        {},
        element('span', { class: 'rank' }),
        element('span', { class: 'title clip' }),
        element('span', { class: 'count' }),
        element('span', { class: 'by artist clip' })
      ),
    update(item, entry) {
      const [, title, by] = describe(entry)
      const [rank, name, plays, artist] = item.children
      setText(rank, String(entry.place))
      setText(name, title)
      name.title = title
      setText(plays, count(entry.plays))
      plays.title = 'plays'
      setText(artist, by ?? '')
      artist.hidden = by === null
      item.style.setProperty('--part', String((100 * entry.plays) / most))
    }
  })
}
