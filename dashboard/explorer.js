import { get, listenerPath, repeat } from './api.js'
import { byId, element, reconcile, setText } from './dom.js'
import { ago, countryName, isolated, milliseconds } from './format.js'
import { fillNext, nextRow } from './next.js'
import { isLive } from './router.js'

const NEXT = 8
const BEFORE = 3
const CHIPS = 12
const EVERY_MS = 5_000

/** What a listener plays, what comes next, and because of what. */
export class Explorer {
  #user
  #known = []

  constructor() {
    this.load = repeat(EVERY_MS, () => this.#load(), isLive)
    byId('strategy').addEventListener('change', this.load.now)
    byId('listener').addEventListener('input', () => this.#showChips())
    byId('search').addEventListener('submit', event => {
      event.preventDefault()
      const typed = byId('listener').value.trim()
      if (typed !== '') this.choose(this.#matching()[0] ?? typed)
    })
    byId('next').addEventListener('pointerover', event => this.#markCauses(event.target))
    byId('next').addEventListener('pointerleave', () => this.#markCauses(null))
  }

  /** Listeners heard of, the latest first; the first one is shown until somebody chooses. */
  listeners(users) {
    this.#known = [...new Set([...users, ...this.#known])].slice(0, 500)
    if (this.#user === undefined && users.length > 0) this.choose(users[0])
    else this.#showChips()
  }

  choose(user) {
    this.#user = user
    if (byId('listener').value.trim() !== '') byId('listener').value = ''
    this.#showChips()
    void this.load.now()
  }

  /** Listeners whose session changed. */
  played(users) {
    if (users.includes(this.#user)) void this.load.now()
  }

  #matching() {
    const typed = byId('listener').value.trim().toLowerCase()
    if (typed === '') return this.#known
    const exact = this.#known.filter(user => user.toLowerCase() === typed)
    return [...exact, ...this.#known.filter(user => user.toLowerCase() !== typed && user.toLowerCase().includes(typed))]
  }

  /** The chosen one stays first, then the order in which they came, so that chips do not jump under the pointer. */
  #showChips() {
    const list = byId('listeners')
    const matching = this.#matching()
    const filtered = byId('listener').value.trim() !== ''
    const shown = [...list.children].map(child => child.dataset.key).filter(user => matching.includes(user))
    const rest = filtered ? matching : [...new Set([...shown, this.#user, ...matching])].filter(user => user !== undefined)
    const first = rest.slice(0, CHIPS)
    if (!filtered && this.#user !== undefined && !first.slice(0, 4).includes(this.#user)) first.unshift(this.#user)
    reconcile(list, [...new Set(first)], {
      key: user => user,
      make: user =>
        element('li', {}, element('button', { type: 'button', class: 'clip', title: user, onclick: () => this.choose(user) }, user)),
      update: (item, user) => item.firstElementChild.setAttribute('aria-pressed', String(user === this.#user))
    })
  }

  async #load() {
    const user = this.#user
    if (user === undefined) return
    const strategy = document.querySelector('input[name="strategy"]:checked').value
    try {
      const [session, answer] = await Promise.all([
        get(listenerPath(user, 'session'), { limit: 10 }),
        get('recommendations', { user_id: user, limit: NEXT, strategy })
      ])
      if (user === this.#user) this.#show(session, answer)
    } catch (error) {
      if (user !== this.#user) return
      // While the connection is lost the last answer stays: the header says so.
      if (error.status === 0 && !byId('line').hidden) return
      byId('line').hidden = true
      byId('explorer-empty').hidden = false
      setText(byId('explorer-empty'), error.status === 404 ? `Nobody called ${user} has played anything yet.` : error.whileRetrying)
    }
  }

  #show(session, answer) {
    byId('explorer-empty').hidden = true
    byId('line').hidden = false
    showPlayed(session)
    setText(byId('next-title'), answer.fallback ? 'Suggested instead' : 'Next')
    byId('fallback').hidden = answer.fallback === null
    setText(byId('fallback'), answer.fallback?.reason ?? '')
    reconcile(byId('next'), answer.recommendations, { key: item => item.track_id, make: nextRow, update: fillNext })
    const many = answer.context.length
    const from = many > 0 ? `From ${many === 1 ? 'the current track' : `the last ${many} tracks`} · ` : ''
    const none = answer.recommendations.length === 0 ? 'Nothing to recommend yet: too little has been heard together. ' : ''
    setText(
      byId('answer-note'),
      `${none}${from}${answer.cache_hit ? 'from the cache' : 'computed'} in ${milliseconds(answer.query_time_ms)}`
    )
  }

  #markCauses(target) {
    const causes = target?.closest('li')?.dataset.causes?.split('\n') ?? []
    for (const item of byId('played').children) item.classList.toggle('cause', causes.includes(item.dataset.key))
  }
}

function showPlayed(session) {
  // What plays has not become a play yet.
  const current = session.playing ? [{ ...session.playing, last_played_at: session.playing.since }] : []
  const played = session.tracks.filter(track => track.track_id !== session.playing?.track_id)
  const tracks = [...current, ...played].slice(0, BEFORE + 1).reverse()
  const now = Date.now()
  reconcile(byId('played'), tracks, {
    key: track => track.track_id,
    make: () => element('li', {}, element('span', { class: 'title clip' }), element('span', { class: 'by clip' })),
    update(item, track) {
      const current = track === tracks.at(-1)
      item.className = current ? (session.current ? 'current' : 'current silent') : ''
      const [title, by] = item.children
      setText(title, track.track_name)
      const age = ago(Date.parse(track.last_played_at), now)
      const when = age === 'now' ? 'just started' : `${session.current ? 'started' : 'last played'} ${age}`
      setText(
        by,
        [track.artist_name && isolated(track.artist_name), current && when, current && session.country && countryName(session.country)]
          .filter(Boolean)
          .join(' · ')
      )
    }
  })
}
