import t from 'tap'
import { Emission } from '../../streams/emission.js'

const SECOND = 1_000

/** The times at which rounds begin while a task is behind for so long, each round of 100 keys in commits of 10 a tenth of a second apart. */
function rounds(emission: Emission, from: number, until: number): number[] {
  const begun: number[] = []
  let left = 0
  for (let now = from; now < until; now += 100) {
    if (!emission.isDue(now, true)) continue
    if (left === 0) {
      begun.push(now)
      left = 100
    }
    emission.begin(now, left)
    left -= 10
    emission.emitted(now, 10)
  }
  return begun
}

t.test('a task that keeps up tells of changes with every commit', t => {
  const emission = new Emission(0)
  for (let now = 0; now < SECOND; now += 50) t.ok(emission.isDue(now, false))
  t.end()
})

t.test('a task that is behind does so in rounds, ever further apart', t => {
  const begun = rounds(new Emission(0), 0, 3_600 * SECOND)
  t.equal(begun[0], 10 * SECOND)
  const pauses = begun.slice(1).map((time, i) => time - begun[i]!)
  for (const [i, pause] of pauses.slice(1).entries()) t.ok(pause >= pauses[i]!)
  t.ok(pauses.at(-1)! >= 120 * SECOND && pauses.at(-1)! <= 122 * SECOND, 'up to two minutes')
  t.ok(begun.filter(time => time < 80 * SECOND).length <= 3, 'a backlog costs few rounds')
  t.end()
})

t.test('once it has kept up, it begins anew', t => {
  const emission = new Emission(0)
  rounds(emission, 0, 600 * SECOND)
  t.ok(emission.isDue(600 * SECOND, false))
  emission.begin(600 * SECOND, 10)
  emission.emitted(600 * SECOND, 10)
  t.equal(rounds(emission, 600 * SECOND, 700 * SECOND)[0], 610 * SECOND)
  t.end()
})
