import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import type { Strategy } from '../../api/recommend/situation.js'
import { evaluate } from '../evaluate.js'

export async function evaluateCommand(events: string, targets: string, flags: { out?: string; strategy: Strategy }): Promise<number> {
  const out = flags.out === undefined ? undefined : createWriteStream(flags.out)
  const started = Date.now()
  const qualities = await evaluate({
    events,
    targets,
    strategies: ['session', 'baseline'],
    onProgress: count => {
      if (count % 50_000 === 0) process.stderr.write(`${count} events, ${Math.round((1000 * count) / (Date.now() - started))}/s\n`)
    },
    onTarget: (id, strategy, tracks) => {
      if (strategy === flags.strategy) out?.write(`${JSON.stringify({ id, tracks })}\n`)
    }
  })
  await end(out)
  process.stdout.write('strategy  targets  HR@10   NDCG@10  MRR@10\n')
  for (const { strategy, targets: count, hitRate, ndcg, mrr } of qualities)
    process.stdout.write(
      `${strategy.padEnd(9)} ${String(count).padStart(7)}  ${hitRate.toFixed(4)}  ${ndcg.toFixed(4)}   ${mrr.toFixed(4)}\n`
    )
  return 0
}

async function end(out: WriteStream | undefined): Promise<void> {
  if (out === undefined) return
  out.end()
  await once(out, 'finish')
}
