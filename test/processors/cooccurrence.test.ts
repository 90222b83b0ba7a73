import t from 'tap'
import { cooccurrence } from '../../processors/cooccurrence/cooccurrence.js'
import type { TrackNeighbours, TrackUpdates } from '../../schemas/events.js'
import { generator, Task } from './tracks-harness.js'

/** What a session contributes to one ordered pair, or to a track's own numbers. */
interface Delta {
  track: string
  sessions: number
  n: number
  pairs: [other: string, together: number, weight: number][]
}
type Published = Map<string, { sessions: number; n: number; pairs: Map<string, [together: number, weight: number]> }>

const bytesOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

function record(deltas: readonly Delta[]): TrackUpdates {
  const dictionary = ['unused name']
  const index = (name: string) => (dictionary.includes(name) ? dictionary.indexOf(name) : dictionary.push(name) - 1)
  const pairs = deltas.flatMap(delta => delta.pairs)
  return {
    track: deltas.map(({ track }) => index(track)),
    sessions: deltas.map(({ sessions }) => sessions),
    n: deltas.map(({ n }) => n),
    neighbours: deltas.map(delta => delta.pairs.length),
    other: pairs.map(([other]) => index(other)),
    together: pairs.map(([, together]) => together),
    weight: pairs.map(([, , weight]) => weight),
    plays: [],
    play_corrections: [],
    chart_corrections: [],
    dictionary
  }
}

const negated = (delta: Delta): Delta => ({
  ...delta,
  sessions: -delta.sessions,
  n: -delta.n,
  pairs: delta.pairs.map(([other, together, weight]) => [other, -together, -weight])
})

/** Section 4, by the letter: everything added up, then sorted. */
function naive(deltas: readonly Delta[]): Map<string, TrackNeighbours | null> {
  const sums: Published = new Map()
  for (const { track, sessions, n, pairs } of deltas) {
    const sum = sums.get(track) ?? { sessions: 0, n: 0, pairs: new Map() }
    sums.set(track, sum)
    sum.sessions += sessions
    sum.n += n
    for (const [other, together, weight] of pairs) {
      const [t, w] = sum.pairs.get(other) ?? [0, 0]
      sum.pairs.set(other, [t + together, w + weight])
    }
  }
  const result = new Map<string, TrackNeighbours | null>()
  for (const [track_id, { sessions, n, pairs }] of sums) {
    const rows = [...pairs].filter(([, [t, w]]) => t !== 0 || w !== 0)
    const byTogether = [...rows].sort(([a, [x]], [b, [y]]) => y - x || bytesOrder(a, b)).slice(0, 100)
    const byWeight = [...rows].sort(([a, [, x]], [b, [, y]]) => y - x || bytesOrder(a, b)).slice(0, 100)
    const neighbours = [...new Set([...byTogether, ...byWeight])].map(([other, [together, weight]]) => ({
      track_id: other,
      together,
      weight
    }))
    result.set(track_id, sessions > 0 ? { track_id, sessions, n, neighbours } : null)
  }
  return result
}

/** Random updates of a few tracks: repeated pairs, ties, retractions. */
function updates(seed: number, universe: number, count: number): Delta[] {
  const random = generator(seed)
  const names = Array.from({ length: universe }, (_, i) => `${['track', '\uff5e', '😀', 'é'][i % 4]}${(i * 7919) % 1009}`)
  const name = () => names[Math.floor(universe * random() ** 2)]!
  const made: Delta[] = []
  for (let i = 0; i < count; i++) {
    if (made.length > 0 && random() < 0.3) {
      made.push(negated(made.splice(Math.floor(random() * made.length), 1)[0]!))
      made.push(negated(made.at(-1)!)) // taken back before it is counted
      continue
    }
    const pairs = Array.from({ length: 1 + Math.floor(random() * 11) }, (): Delta['pairs'][number] => {
      const weight = Math.round((random() < 0.2 ? 0 : 2 ** 20) * (1 + Math.floor(random() * 5))) / 2 ** 20 / (random() < 0.5 ? 1 : 4)
      return [name(), random() < 0.8 ? 1 : 0, weight]
    })
    made.push({ track: `seed${Math.floor(random() * 3)}`, sessions: 1, n: 1.5, pairs })
  }
  return made
}

const sent = (task: Task<any>) => new Map([...task.sent].map(([key, value]) => [key.slice('track-neighbours '.length), value]))

t.test('the lists are those of the definition, whatever is retracted and whenever the task restarts', async t => {
  for (const [seed, universe] of [20, 60, 128, 150, 400, 1000].entries()) {
    const random = generator(seed + 100)
    const task = new Task(cooccurrence)
    const done: Delta[] = []
    const feed = (deltas: Delta[]) => {
      task.process('track-updates', record(deltas), 1)
      done.push(...deltas)
    }
    const all = updates(seed, universe, 120)
    while (all.length > 0) {
      feed(all.splice(0, 1 + Math.floor(random() * 4)))
      if (random() < 0.3 && done.length > 3) feed([negated(done[Math.floor(random() * done.length)]!)])
      if (random() < 0.1) task.restart(random() < 0.5 ? 'operands' : 'values')
      task.commit(random() < 0.7)
      if (random() < 0.2) {
        task.commit()
        t.strictSame(sent(task), naive(done), `${universe} tracks, after ${done.length} updates`)
      }
    }
    task.commit()
    t.strictSame(sent(task), naive(done), `${universe} tracks, at the end`)
    for (const delta of [...done].reverse()) feed([negated(delta)])
    task.commit()
    t.ok(
      [...sent(task).values()].every(value => value === null),
      'tombstones when all is retracted'
    )
  }
})

t.test('any order of the updates gives the same lists', async t => {
  for (const seed of [1, 2, 3]) {
    const deltas = updates(seed, 300, 150)
    const random = generator(seed + 1000)
    const shuffled = deltas
      .map(delta => ({ delta, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ delta }) => delta)
    const lists = [deltas, shuffled].map(order => {
      const task = new Task(cooccurrence)
      for (const delta of order) task.process('track-updates', record([delta]), 1)
      task.commit()
      return sent(task)
    })
    t.strictSame(lists[0], lists[1])
    t.strictSame(lists[0], naive(deltas))
  }
})

t.test('what was taken back to nothing takes no room when written', async t => {
  const task = new Task(cooccurrence)
  const delta: Delta = { track: 'a', sessions: 1, n: 1, pairs: Array.from({ length: 70 }, (_, i) => [`b${i}`, 1, i / 4]) }
  task.process('track-updates', record([delta, negated(delta)]), 1)
  t.equal(task.merges.written('a').length, 3)
  t.equal(task.merges.dictionary.find('unused name'), undefined, 'names that are no neighbours are not kept')
})
