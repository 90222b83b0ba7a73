import { byId, element, reconcile, setText } from './dom.js'
import { ago, count, countryName } from './format.js'

const KEPT = 200

/** The API shows the id where no name is known. */
const isNameless = play => play.track_name === play.track_id

/** What listeners play now: one row a listener, the newest first. */
export class NowPlaying {
  #plays = new Map()
  #seen = false

  /** @param choose called with a listener whose name was pressed */
  constructor(choose) {
    this.choose = choose
    setInterval(() => this.#showTimes(), 1_000)
  }

  /** Plays: {user_id, track_id, track_name, artist_name, country, at (milliseconds)}. */
  add(plays) {
    for (const play of plays) {
      const known = this.#plays.get(play.user_id)
      if (known && (known.at > play.at || (known.at === play.at && known.track_id === play.track_id && !isNameless(known)))) continue
      this.#plays.set(play.user_id, { ...play, country: play.country ?? known?.country ?? null })
    }
    const newest = [...this.#plays.values()].sort((a, b) => b.at - a.at).slice(0, KEPT)
    this.#plays = new Map(newest.map(play => [play.user_id, play]))
    this.#show(newest)
  }

  /** Whether a track is shown whose name has not come yet. */
  get nameless() {
    return [...this.#plays.values()].some(isNameless)
  }

  #show(newest) {
    const rows = newest.slice(0, matchMedia('(max-width: 700px)').matches ? 6 : 12)
    byId('playing-empty').hidden = rows.length > 0
    reconcile(byId('playing'), rows, {
      key: play => `${play.user_id}\n${play.at}\n${play.track_id}\n${play.track_name}`,
      make: play => this.#row(play)
    })
    this.#seen ||= rows.length > 0
    this.#showTimes()
  }

  #row(play) {
    const listener = element(
      'button',
      { type: 'button', class: 'link clip', title: `What comes next for ${play.user_id}`, onclick: () => this.choose(play.user_id) },
      play.user_id
    )
    return element(
      'li',
      { class: this.#seen ? 'new' : '' },
      element('span', { class: 'title clip', title: play.track_name }, play.track_name),
      element('time', { datetime: new Date(play.at).toISOString() }),
      element('span', { class: 'who' }, element('span', { class: 'clip' }, play.artist_name ?? ''), '·', listener),
      play.country ? element('span', { class: 'where', title: countryName(play.country) }, play.country) : ''
    )
  }

  #showTimes() {
    const now = Date.now()
    for (const time of byId('playing').querySelectorAll('time')) setText(time, ago(Date.parse(time.dateTime), now))
    const recent = [...this.#plays.values()].filter(play => now - play.at < 3_600_000).length
    setText(byId('playing-note'), recent === 0 ? '' : `${count(recent)}${recent === KEPT ? '+' : ''} in the last hour`)
  }
}
