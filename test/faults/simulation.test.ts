import t from 'tap'
import { simulate } from '../streams/simulation.js'

/** More of them: SIMULATION_SEEDS=5000; one again: SIMULATION_FROM=the seed, SIMULATION_SEEDS=1. */
const seeds = Number(process.env.SIMULATION_SEEDS ?? 200)
const from = Number(process.env.SIMULATION_FROM ?? 1)

t.setTimeout(0)
t.test(`${seeds} seeds of crashes, lost replies, lost store tails and takeovers: each word is counted exactly once`, async t => {
  let crashes = 0
  const wrong: string[] = []
  const run = async (seed: number) => {
    const { expected, counts, crashes: killed } = await simulate(seed)
    crashes += killed
    const words = Object.keys(expected).filter(word => counts[word] !== expected[word])
    if (words.length > 0)
      wrong.push(`seed ${seed}: ${words.map(word => `${word} expected ${expected[word]}, got ${counts[word]}`).join('; ')}`)
  }
  for (let seed = from; seed < from + seeds; seed += 20)
    await Promise.all(Array.from({ length: Math.min(20, from + seeds - seed) }, (_, i) => run(seed + i)))
  t.same(wrong, [])
  t.ok(crashes > seeds / 4, `${crashes} instances crashed`)
})
