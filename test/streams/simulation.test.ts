import t from 'tap'
import { simulate } from './simulation/simulation.js'

/** More of them: SIMULATION_SEEDS=5000; one again: SIMULATION_FROM=the seed, SIMULATION_SEEDS=1. */
const seeds = Number(process.env.SIMULATION_SEEDS ?? 200)
const from = Number(process.env.SIMULATION_FROM ?? 1)

t.setTimeout(0)
t.test(`${seeds} seeds of everything that may befall it: all that is emitted and stored follows from the input, once`, async t => {
  const total = { kills: 0, pauses: 0, crashes: 0, jumps: 0, closes: 0 }
  for (let seed = from; seed < from + seeds; seed++) {
    const { wrong, faults } = await simulate(seed)
    for (const sentence of wrong) t.fail(`seed ${seed}: ${sentence}`)
    for (const [name, count] of Object.entries(faults)) total[name as keyof typeof total] += count
  }
  t.comment(JSON.stringify(total))
  if (seeds >= 200) for (const [name, count] of Object.entries(total)) t.ok(count > seeds / 20, `${name}: ${count}`)
})
