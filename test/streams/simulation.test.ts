import t from 'tap'
import { type Outcome, simulate } from './simulation/simulation.js'

/** More of them: SIMULATION_SEEDS=5000; one again: SIMULATION_FROM=the seed, SIMULATION_SEEDS=1. */
const seeds = Number(process.env.SIMULATION_SEEDS ?? 200)
const from = Number(process.env.SIMULATION_FROM ?? 1)

t.setTimeout(0)
t.test(`${seeds} seeds of all that may befall it: what is emitted and what is stored follows from the input, once`, async t => {
  const outcomes: Outcome[] = []
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await simulate(seed)
    for (const sentence of outcome.wrong) t.fail(`seed ${seed}: ${sentence}`)
    outcomes.push(outcome)
  }
  t.equal((await simulate(from)).fingerprint, outcomes[0]!.fingerprint, 'the same seed is the same run')
  if (seeds < 200) return
  for (const name of Object.keys(outcomes[0]!.faults) as (keyof Outcome['faults'])[]) {
    const count = outcomes.reduce((sum, { faults }) => sum + faults[name], 0)
    t.ok(count > seeds / 50, `${name}: ${count}`)
  }
})
