import { element, reconcile, setText } from '../dom.js'
import { isolated } from '../format.js'
import { fillNext, nextRow } from '../next.js'
import { panel } from '../parts.js'

const PATH = 'v1/me/recommendations/stream?limit=8'
/** The browser itself comes again after a connection that broke, but not after a refusal: nothing may be known of them yet. */
const AGAIN_MS = 5_000

/** What to play next, anew as soon as one's own track changes. Returns {node, close}. */
export function comingPanel() {
  const said = element('p', { class: 'empty' }, 'It comes while you listen.')
  const list = element('ol', { class: 'next' })
  const node = panel({ title: 'What comes next', className: 'wide coming' }, said, list)
  const show = ({ track_name, artist_name, recommendations, fallback }) => {
    said.hidden = recommendations.length > 0
    const after = track_name === null ? '' : `After ${[track_name, artist_name].filter(Boolean).map(isolated).join(' by ')}`
    node.setNote([after, fallback?.reason].filter(Boolean).join(' · '))
    setText(said, 'Nothing to recommend yet: too little has been heard together.')
    reconcile(list, recommendations, { key: item => item.track_id, make: nextRow, update: fillNext })
  }
  let source
  let timer
  const follow = () => {
    source = new EventSource(PATH)
    source.addEventListener('recommendations', ({ data }) => show(JSON.parse(data)))
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(follow, AGAIN_MS)
    })
  }
  follow()
  const close = () => {
    clearTimeout(timer)
    source.close()
  }
  return { node, close }
}
