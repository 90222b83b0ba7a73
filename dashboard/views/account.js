import { get, post, put } from '../api.js'
import { element } from '../dom.js'
import { empty, panel } from '../parts.js'
import { at } from '../router.js'
import { comingPanel } from './coming.js'
import { analyticsPanels } from './listener.js'
import { comparisonPanels, similarPanel } from './similar.js'

export const title = 'My account'
const PATH = 'v1/me'
const CONNECT = 'v1/spotify/connect'
const AGAIN_MS = 3_000

/** Who is signed in, what comes next, what they listened to, and who is like them; #/account/ID: beside another one. */
export function open(container, [other]) {
  let closed = false
  let coming
  let timer
  container.replaceChildren(panel({ title }, empty('Reading.')))
  const show = async () => {
    const me = await get(PATH).catch(error => {
      if (error.status !== 401 && error.status !== 404) throw error
      return { status: error.status }
    })
    const nodes =
      me.user_id === undefined ? [await signIn(me.status)] : await (other === undefined ? own(me) : comparisonPanels(PATH, other))
    if (closed) return
    if (me.user_id !== undefined && other === undefined) coming = comingPanel()
    container.replaceChildren(element('div', { class: 'grid' }, ...(coming ? [coming.node] : []), ...nodes))
  }
  const run = () =>
    show().catch(error => {
      if (closed) return
      container.replaceChildren(panel({ title }, empty(`${error.message} Trying again.`)))
      timer = setTimeout(run, AGAIN_MS)
    })
  run()
  return () => {
    closed = true
    clearTimeout(timer)
    coming?.close()
  }
}

async function own(me) {
  const nothing = error => [
    panel(
      { title: me.user_id, className: 'wide' },
      empty(error.status === 404 ? 'Nothing of yours has been counted yet: it comes while you listen.' : error.message)
    )
  ]
  const [numbers, alike, shared] = await Promise.all([
    analyticsPanels(PATH, me.user_id).catch(nothing),
    similarPanel(PATH, id => at('account', id)),
    get(`${PATH}/sharing`).catch(() => undefined)
  ])
  return [...numbers, alike, rights(me, shared)]
}

/** 401: sign in. 404: nobody signs in here; the page is for whoever sits at this machine. */
async function signIn(status) {
  if (status === 401)
    return panel(
      { title: 'Sign in to see your own', className: 'wide' },
      element('p', { class: 'below' }, element('a', { class: 'button', href: 'v1/sign-in' }, 'Sign in with Spotify')),
      element('p', { class: 'note' }, 'What you listen to is then followed; you and admins see it.')
    )
  const listeners = element('a', { href: at('listeners') }, 'Listeners')
  // The path is there where an app of Spotify's is set up; it takes GET alone, which would set out at once.
  const connects = await fetch(CONNECT, { method: 'HEAD' }).then(
    answer => answer.status !== 404,
    () => false
  )
  return panel(
    { title: 'Nobody signs in here', className: 'wide' },
    element(
      'p',
      {},
      'This instance answers on this machine alone and asks nobody who they are. Everybody is under ',
      listeners,
      '; with SEGUE_AUTH=on each sees their own here.'
    ),
    connects
      ? element('p', { class: 'below' }, element('a', { href: CONNECT }, 'Connect a Spotify account'))
      : element(
          'p',
          { class: 'below note' },
          'For what you play on Spotify, set SPOTIFY_CLIENT_ID and start again: docs/spotify.md says how.'
        )
  )
}

function rights({ user_id, scopes, means }, shared) {
  const leave = () =>
    post('v1/sign-out')
      .catch(() => undefined)
      .then(() => location.reload())
  const signOut = means === 'session' ? element('button', { type: 'button', class: 'quiet', onclick: leave }, 'Sign out') : ''
  const download = element('a', { href: 'v1/me/export', download: 'segue.json' }, 'Download all that is kept of you')
  return panel(
    { title: 'Your data' },
    element('p', {}, `Signed in as ${user_id} (${scopes.join(', ')}, by ${means}).`),
    element('p', { class: 'below' }, download, signOut),
    shared ? sharing(shared) : ''
  )
}

/** Whether others may find them; nobody is shown to others who does not want it. */
function sharing({ shares, name, listener_id }) {
  const said = element('p', { class: 'note', role: 'status' })
  const input = element('input', { name: 'name', value: name ?? '', maxlength: 40, autocomplete: 'off' })
  const box = element('input', { type: 'checkbox', name: 'shares', checked: shares })
  const send = async event => {
    event.preventDefault()
    const given = input.value.trim()
    try {
      const now = await put(`${PATH}/sharing`, { shares: box.checked, ...(given !== '' && { name: given }) })
      said.textContent =
        now?.shares === false || !box.checked ? 'Your taste is yours alone.' : `Others may find you, as ${given || listener_id}.`
    } catch (error) {
      said.textContent = error.message
    }
  }
  return element(
    'form',
    { class: 'sharing', onsubmit: send },
    element('label', { class: 'check' }, box, ' Others may find me when they are like me'),
    element('label', { class: 'field' }, element('span', {}, `A name for them to see, else ${listener_id}`), input),
    element('button', { class: 'quiet', type: 'submit' }, 'Save'),
    said
  )
}
