import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../schemas/root.js'
import { inputOf } from './events.js'
import { Listeners } from './harness.js'
import { sumsOf } from './sums.js'

const directory = join(projectRoot, '..', 'shared', 'vectors')

interface Expected {
  accepted: Record<string, number>
  rejected: Record<string, number>
  duplicates: number
  sessions: number
  tracks: Record<string, { sessions: number; n: number; neighbours: Record<string, [number, number]> }>
  affinity: Record<string, { artist_id: string; affinity: number; plays: number }[]>
}

for (const name of ['hand', 'awkward']) {
  const file = join(directory, `${name}.jsonl`)
  t.test(`the conformance vector ${name}`, { skip: existsSync(file) ? false : 'the vectors are not beside this checkout' }, async t => {
    const expected = JSON.parse(readFileSync(join(directory, `${name}.expected.json`), 'utf8')) as Expected
    const listeners = new Listeners(0)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    lines.forEach((line, i) => {
      const { topic, event } = inputOf(line)
      listeners.pipe(topic, event as never, Date.UTC(2026, 0, 1))
      if (i % 250 === 0) listeners.commit()
      if (i % 1000 === 999) {
        listeners.commit()
        listeners.restart()
      }
    })
    listeners.commit()

    t.same(listeners.table('pipeline-counts').get('0'), {
      shard: 0,
      accepted: expected.accepted,
      rejected: expected.rejected,
      duplicates: expected.duplicates,
      sessions: expected.sessions
    })

    const sums = sumsOf(listeners)
    const of = (values: (track: Expected['tracks'][string]) => number) =>
      Object.fromEntries(Object.entries(expected.tracks).map(([track, value]) => [track, values(value)]))
    t.same(
      sums.sessions,
      of(track => track.sessions)
    )
    t.same(
      sums.n,
      of(track => track.n)
    )
    const neighboursOf = new Map<string, string[]>()
    for (const pair of new Set([...Object.keys(sums.together), ...Object.keys(sums.weight)])) {
      const [track, other] = pair.split(' ') as [string, string]
      neighboursOf.set(track, [...(neighboursOf.get(track) ?? []), other])
    }
    for (const [track, { neighbours }] of Object.entries(expected.tracks)) {
      // Only the strongest of a track with more than a hundred are in the vector.
      const others = neighboursOf.get(track) ?? []
      const listed = others.length <= 100 ? others : Object.keys(neighbours)
      const found = listed.map(other => [other, [sums.together[`${track} ${other}`] ?? 0, sums.weight[`${track} ${other}`] ?? 0]])
      t.same(Object.fromEntries(found), neighbours, track)
    }

    const affinities = listeners.table('artist-affinity')
    t.same([...affinities.keys()].sort(), Object.keys(expected.affinity).sort())
    for (const [user, artists] of Object.entries(expected.affinity)) {
      const published = affinities.get(user)!.artists
      t.same(
        published.map(({ artist_id, plays }) => [artist_id, plays]),
        artists.map(({ artist_id, plays }) => [artist_id, plays]),
        user
      )
      t.ok(published.every((artist, i) => Math.abs(artist.affinity - artists[i]!.affinity) < 1e-9))
    }
  })
}
