import { get } from './api.js'
import { startCharts } from './charts.js'
import { byId, element, setText } from './dom.js'
import { Explorer } from './explorer.js'
import { Figures } from './figures.js'
import { listen } from './live.js'
import { NowPlaying } from './playing.js'
import { onLive, retry, startRouter } from './router.js'
import { TopologyView } from './topology.js'

const explorer = new Explorer()
const playing = new NowPlaying(user => {
  explorer.choose(user)
  document.querySelector('.explorer').scrollIntoView({ block: 'nearest' })
})
const charts = startCharts()
onLive(() => {
  explorer.load.now()
  charts.load.now()
})
startRouter()
const figures = new Figures()
const topology = new TopologyView(byId('graph'))
const SENTENCES = { connecting: 'connecting', live: 'live', lost: 'connection lost, trying again' }

/** Plays in the shape of GET /live. */
function heard(news) {
  const plays = news.map(play => ({ ...play, at: Date.parse(play.played_at) }))
  for (const play of plays) {
    figures.sawPlay(play.at)
    charts.sawCountry(play.country)
  }
  playing.add(plays)
  const users = plays.sort((a, b) => b.at - a.at).map(play => play.user_id)
  explorer.listeners(users)
  explorer.played(users)
}

/** What was played before the page was open. */
async function catchUp() {
  try {
    const { users } = await get('users', { limit: 50 })
    heard(
      users
        .filter(({ track, playing }) => track ?? playing)
        .map(({ track, playing, last_play_at, ...user }) => ({ ...user, ...(playing ?? track), played_at: playing?.since ?? last_play_at }))
    )
  } catch {
    // The connection's state tells; it is read again with the next connection.
  }
}

/** The live feed may be refused: then the way to sign in is shown, or to one's own. */
async function askWhy() {
  const error = await get('v1/users', { limit: 1 }).then(
    () => undefined,
    error => error
  )
  if (!error?.isRefusal || before === 'live') return
  refused = true
  const isUnknown = error.status === 401
  byId('sign-in').hidden = !isUnknown
  byId('connection').hidden = isUnknown
  byId('connection').dataset.state = 'refused'
  setText(byId('connection'), 'live is for admins')
  for (const id of ['playing-empty', 'explorer-empty', 'topology-empty'])
    byId(id).replaceChildren(
      ...(isUnknown ? [error.message] : ['This is for admins. Yours is under ', element('a', { href: '#/account' }, 'My account'), '.'])
    )
}

/** What goes on beside the usual, such as the simulator filling in the past. */
function showActivity(activity) {
  const line = byId('activity')
  line.hidden = !activity
  if (!activity) return
  const [what, progress] = line.children
  setText(what, activity.what)
  progress.value = activity.share
  progress.title = `${Math.floor(100 * activity.share)} %`
}

// While much is computed at once, a play may come before its track's name.
setInterval(() => playing.nameless && !document.hidden && catchUp(), 3_000)

let before
let refused = false
listen(
  {
    plays: heard,
    topology(pulse) {
      topology.show(pulse)
      figures.pulse(pulse)
      showActivity(pulse.activity)
    }
  },
  state => {
    if (state === 'live' && before !== 'live') void catchUp()
    if (state === 'live' && before === 'lost') retry()
    if (state === 'lost' && before !== 'lost') void askWhy()
    before = state
    refused &&= state !== 'live'
    if (refused) return
    byId('sign-in').hidden = true
    byId('connection').hidden = false
    byId('connection').dataset.state = state
    setText(byId('connection'), SENTENCES[state])
  }
)
