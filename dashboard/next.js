import { element, setText } from './dom.js'

const TOGETHER_PART = 70

/** A row of a list of recommendations, and what fills it. */
export function nextRow() {
  return element(
    'li',
    {},
    element('div', { class: 'names' }, element('span', { class: 'title clip' }), element('span', { class: 'by clip' })),
    element('span', { class: 'bar', role: 'img' }, element('i', { class: 'together' }), element('i', { class: 'loved' })),
    element('span', { class: 'score-value' }),
    element('p', { class: 'why clip' })
  )
}

export function fillNext(item, next) {
  const [names, bar, score, why] = item.children
  setText(names.children[0], next.track_name)
  setText(names.children[1], next.artist_name ?? '')
  names.title = `${next.track_name} · ${next.artist_name ?? ''}`
  const together = Math.min(next.recommendation_score, TOGETHER_PART * next.cooccurrence_score)
  // A chart's entry has no score.
  bar.hidden = score.hidden = next.recommendation_score === 0
  bar.children[0].style.setProperty('--part', String(together))
  bar.children[1].style.setProperty('--part', String(next.recommendation_score - together))
  bar.setAttribute(
    'aria-label',
    `${Math.round(together)} for being heard together, ${Math.round(next.recommendation_score - together)} for the artist`
  )
  setText(score, String(Math.round(next.recommendation_score)))
  const causes = because(next)
  const text = causes.map(part => part.textContent ?? part).join('')
  if (why.textContent !== text) why.replaceChildren(...causes)
  why.title = next.reasoning
  item.dataset.causes = next.because.tracks.map(track => track.track_id).join('\n')
}

/** The causes in a few words, as texts and elements; the API's own sentence where it names none. */
function because({ because: { tracks, artist }, artist_affinity_score, reasoning }) {
  const parts = tracks.flatMap(({ track_name }, i) => {
    const joint = i === 0 ? 'because of ' : i === tracks.length - 1 ? ' and ' : ', '
    return [joint, element('em', {}, track_name)]
  })
  // Who has no liking for them, or is not known, hears them in the session.
  const artistIs = artist_affinity_score > 0 ? 'a liking for' : 'the artist'
  if (artist) parts.push(`${parts.length === 0 ? 'because of' : ', and'} ${artistIs} ${artist.artist_name}`)
  return parts.length === 0 ? [reasoning] : parts
}
