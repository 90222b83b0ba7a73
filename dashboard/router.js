import { byId, element } from './dom.js'

/**
 * The views beside the live one, by the first part of the address after #/. Each is loaded when it is asked for. A view's module has
 * `title` and `open(container, place)`, place being the further parts of the address, which returns what closes it.
 */
const VIEWS = {
  overview: () => import('./views/overview.js'),
  tracks: () => import('./views/tracks.js'),
  leaderboards: () => import('./views/leaderboards.js'),
  listeners: () => import('./views/listeners.js'),
  account: () => import('./views/account.js'),
  quality: () => import('./views/quality.js'),
  journey: () => import('./views/journey.js'),
  operations: () => import('./views/operations.js')
}
const LIVE_TITLE = 'live'

let close = () => {}
let shown
/** Something that the view asked for did not come. */
let failed = false
let turn = 0
let tellLive = () => {}

export const isLive = () => !byId('live').hidden

/** `callback` runs each time the live view is shown again. */
export function onLive(callback) {
  tellLive = callback
}

/** The address of a view: `at('tracks', id)`. */
export const at = (...place) => `#/${place.map(encodeURIComponent).join('/')}`

export function go(...place) {
  location.hash = at(...place)
}

/** Opens the view again if it lacks something: there is somebody again who answers. */
export function retry() {
  if (failed) void route()
}

export function startRouter() {
  addEventListener('unreachable', () => {
    failed = true
  })
  addEventListener('hashchange', () => void route())
  void route()
}

async function route() {
  // Another hash is a place on the page, such as the skip link's.
  if (location.hash !== '' && !location.hash.startsWith('#/')) return
  const [name = '', ...place] = location.hash.slice(2).split('/').map(decoded)
  const mine = ++turn
  failed = false
  const load = Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined
  for (const link of byId('views').querySelectorAll('a')) {
    if (link.hash === (load ? at(name) : '#/')) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  byId('views').querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  const first = shown === undefined
  shown = name
  close()
  close = () => {}
  const container = byId('view')
  byId('live').hidden = load !== undefined
  container.hidden = load === undefined
  container.replaceChildren(element('p', { class: 'empty panel late' }, 'Reading.'))
  if (load === undefined) {
    document.title = `Segue · ${LIVE_TITLE}`
    if (!first) {
      tellLive()
      byId('main').focus({ preventScroll: true })
    }
    return
  }
  try {
    const view = await load().catch(() => {
      dispatchEvent(new Event('unreachable'))
      throw new Error('Segue does not answer. Trying again.')
    })
    if (mine !== turn) return
    document.title = `Segue · ${view.title.toLowerCase()}`
    close =
      view.open(
        container,
        place.filter(part => part !== '')
      ) ?? close
  } catch (error) {
    if (mine === turn) container.replaceChildren(element('p', { class: 'empty panel' }, error.message))
  }
  // Who can't see it hears where they are.
  if (!first) {
    scrollTo(0, 0)
    byId('main').focus({ preventScroll: true })
  }
}

function decoded(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
