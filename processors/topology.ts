import { affinity } from './affinity/affinity.js'
import { artistCharts, trackCharts } from './charts/charts.js'
import { listenerCharts } from './charts/listener-charts.js'
import { clean } from './clean/clean.js'
import { cooccurrence } from './cooccurrence/cooccurrence.js'
import { artistDetails } from './details/artist-details.js'
import { trackDetails } from './details/track-details.js'
import { nowPlaying } from './now-playing/now-playing.js'
import { profiles } from './profiles/profiles.js'
import { experiments } from './quality/experiments.js'
import { quality } from './quality/quality.js'
import { sessions } from './sessions/sessions.js'
import { sharing } from './similar/sharing.js'
import { counts } from './statistics/counts.js'
import { statistics } from './statistics/statistics.js'
import { userDays } from './statistics/user-days.js'

/**
 * What is computed, on one page. Each sub-topology's processors share a task per partition.
 * `listeners` reads the four input topics, keyed by user; it sends `tracks` and `artists` what a commit changed for them.
 * `answers` reads what listeners were given, and what they did with it.
 */
export const units = {
  listeners: [clean, sessions, affinity, statistics, userDays, listenerCharts, profiles, sharing, nowPlaying, counts, quality],
  tracks: [cooccurrence, trackDetails, trackCharts],
  artists: [artistDetails, artistCharts],
  answers: [experiments]
}
