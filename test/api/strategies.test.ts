import fc from 'fast-check'
import t from 'tap'
import { compareIds } from '../../api/recommend/order.js'
import { recommend } from '../../api/recommend/rank.js'
import { Scorer } from '../../api/recommend/scorer.js'
import { type Strategy, situationOf } from '../../api/recommend/situation.js'
import { TrackIndex } from '../../api/recommend/track-index.js'
import type { ArtistAffinity, TrackNeighbours, UserSession } from '../../schemas/events.js'

interface World {
  readonly session: UserSession | undefined
  readonly affinity: ArtistAffinity | undefined
  readonly given: string | undefined
  readonly lists: ReadonlyMap<string, TrackNeighbours>
  readonly artists: ReadonlyMap<string, string>
  readonly at: number
}
interface Expected {
  track: string
  score: number
  together: number
}

/** Section 6 of the semantics, word for word: sets and sums, nothing shared with the implementation. */
function naive(strategy: Strategy, world: World): Expected[] {
  const { session, affinity, given, lists, artists, at } = world
  const current = session !== undefined && at - session.last_play_at <= 3_600_000 ? session.tracks.map(track => track.track_id) : []
  const playing = [...(given === undefined ? [] : [given]), ...current.filter(track => track !== given)]
  const context = strategy === 'baseline' ? playing.slice(0, 1) : playing.slice(0, 10)
  const candidates = new Set<string>()
  for (const s of context) for (const b of lists.get(s)?.neighbours ?? []) if (!playing.includes(b.track_id)) candidates.add(b.track_id)
  const pair = (a: string | undefined, b: string) => lists.get(a ?? '')?.neighbours.find(neighbour => neighbour.track_id === b)
  const c = (b: string) => {
    let sum = 0
    context.forEach((s, k) => {
      const found = pair(s, b)
      const n = lists.get(s)?.n ?? 0
      if (found && n > 0) sum += (1 / (k + 1)) * (found.weight / n)
    })
    return sum
  }
  const greatest = Math.max(0, ...[...candidates].map(c))
  const sessionArtist = (track: string) =>
    (track === given ? artists.get(track) : undefined) ?? session?.tracks.find(played => played.track_id === track)?.artist_id
  const scored = [...candidates].map(b => {
    const artist = artists.get(b)
    const loved = affinity?.artists.find(entry => entry.artist_id === artist)?.affinity ?? 0
    const together = pair(playing[0], b)?.together ?? 0
    const share = artist === undefined ? 0 : playing.filter(track => sessionArtist(track) === artist).length / playing.length
    if (strategy === 'baseline') {
      const sessions = lists.get(playing[0]!)!.sessions
      return { track: b, score: 0.7 * (together / sessions) + 0.3 * loved, together }
    }
    const normalised = greatest > 0 ? c(b) / greatest : 0
    return { track: b, score: 0.7 * normalised + 0.3 * (0.5 * share + 0.5 * loved), together }
  })
  const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  return scored.sort((a, b) => b.score - a.score || b.together - a.together || bytes(a.track, b.track))
}

/** Few tracks, artists and numbers, so that ties and overlaps are frequent. */
const track = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'é', '\uffee', '😀', '😁', '__proto__', 'z/z')
const artist = fc.constantFrom('A', 'B', 'C', 'constructor')
const neighbours = fc.uniqueArray(
  fc.record({ track_id: track, together: fc.integer({ min: 1, max: 4 }), weight: fc.constantFrom(0, 0.25, 0.5, 1, 1.1) }),
  { selector: neighbour => neighbour.track_id }
)
const list = fc.record({ track_id: track, sessions: fc.integer({ min: 4, max: 9 }), n: fc.constantFrom(0, 0.5, 2, 3.3), neighbours })
const world: fc.Arbitrary<World> = fc
  .record({
    lists: fc.uniqueArray(list, { selector: entry => entry.track_id, minLength: 3 }),
    artists: fc.uniqueArray(fc.tuple(track, artist), { selector: ([id]) => id }),
    played: fc.option(fc.uniqueArray(track, { minLength: 1, maxLength: 14 }), { nil: undefined }),
    affine: fc.uniqueArray(
      fc.record({ artist_id: artist, affinity: fc.constantFrom(0, 0.4, 1), a: fc.constant(1), plays: fc.constant(1) }),
      {
        selector: entry => entry.artist_id
      }
    ),
    given: fc.option(track, { nil: undefined }),
    age: fc.constantFrom(0, 3_600_000, 3_600_001)
  })
  .map(({ lists, artists, played, affine, given, age }) => {
    const artistOf = new Map(artists)
    const tracks = played?.map(id => ({ track_id: id, artist_id: artistOf.get(id) ?? 'none', last_played_at: 0 }))
    return {
      session: tracks && { user_id: 'u', started_at: 0, last_play_at: 5_000, plays: tracks.length, country: null, tracks },
      affinity: { user_id: 'u', as_of: 0, country: null, artists: affine },
      given,
      lists: new Map(lists.map(entry => [entry.track_id, entry])),
      artists: artistOf,
      at: 5_000 + age
    }
  })

const scorer = new Scorer()
const compute = (strategy: Strategy, { session, affinity, given, lists, artists, at }: World, limit: number, using = scorer) => {
  const situation = situationOf(
    strategy,
    at,
    { session, affinity },
    given === undefined ? [] : [{ track_id: given, artist_id: artists.get(given) }]
  )
  const context = situation.context.map(id => lists.get(id))
  return recommend(using, situation, context, id => artists.get(id), limit)
}
const summary = (scored: ReturnType<typeof compute>): Expected[] =>
  scored.map(({ track_id, score, together }) => ({ track: track_id, score, together }))

for (const strategy of ['session', 'baseline'] as const) {
  t.test(`${strategy}: equal to a naive implementation, bit for bit`, async () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 1, max: 15 }), (given, limit) => {
        const expected = naive(strategy, given).slice(0, limit)
        return JSON.stringify(summary(compute(strategy, given, limit))) === JSON.stringify(expected)
      }),
      { numRuns: 400 }
    )
  })
}

t.test('an index that keeps starting anew gives the same', async t => {
  const small = new Scorer(new TrackIndex(4))
  fc.assert(
    fc.property(world, given => JSON.stringify(compute('session', given, 10, small)) === JSON.stringify(compute('session', given, 10))),
    { numRuns: 200 }
  )
  t.ok(small.index.size < 20, 'the index stays small')
})

t.test('artists that the index was told are not asked for', async t => {
  const using = new Scorer()
  const lists = [{ track_id: 's', sessions: 2, n: 1, neighbours: [{ track_id: 'x', together: 1, weight: 1 }] }]
  const affinity = { user_id: 'u', as_of: 0, country: null, artists: [{ artist_id: 'A', affinity: 1, a: 1, plays: 1 }] }
  const situation = situationOf('baseline', 0, { affinity }, [{ track_id: 's' }])
  const score = (artistOf: (id: string) => string | undefined) => recommend(using, situation, lists, artistOf, 5)[0]!.score
  t.equal(
    score(() => undefined),
    0.35,
    'an unknown artist counts as none'
  )
  using.index.learnArtist('x', 'A')
  t.equal(
    score(() => t.fail('asked') as never),
    0.35 + 0.3
  )
  using.index.learnArtist('x', undefined)
  t.equal(
    score(() => 'A'),
    0.35 + 0.3
  )
})

t.test('what each context track contributed', async t => {
  const lists = [
    { track_id: 's', sessions: 2, n: 2, neighbours: [{ track_id: 'x', together: 1, weight: 1 }] },
    undefined,
    { track_id: 'u', sessions: 2, n: 4, neighbours: [{ track_id: 'x', together: 1, weight: 3 }] }
  ]
  t.same(new Scorer().contributions(lists, 'x'), [0.5, 0, 0.25])
  t.same(new Scorer().contributions(lists, 'y'), [0, 0, 0])
})

t.test('ids are ordered by their UTF-8 bytes', async t => {
  const ids = ['', 'a', 'ab', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '😁', '\u{10ffff}', 'a😀', 'a\uffff', '\u{10000}']
  for (const a of ids)
    t.same(
      ids.map(b => Math.sign(compareIds(a, b))),
      ids.map(b => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      JSON.stringify(a)
    )
})
