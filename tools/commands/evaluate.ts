import { appendFileSync, writeFileSync } from 'node:fs'
import type { Strategy } from '../../api/recommend/situation.js'
import { evaluate } from '../evaluate.js'

const PIECE = 64 * 1024

export async function evaluateCommand(events: string, targets: string, flags: { out?: string; strategy: Strategy }): Promise<number> {
  const out = flags.out === undefined ? undefined : new LineFile(flags.out)
  const started = Date.now()
  const qualities = await evaluate({
    events,
    targets,
    strategies: ['session', 'baseline'],
    onProgress: count => {
      if (count % 50_000 === 0) process.stderr.write(`${count} events, ${Math.round((1000 * count) / (Date.now() - started))}/s\n`)
    },
    onTarget: (id, strategy, tracks) => {
      if (strategy === flags.strategy) out?.write(JSON.stringify({ id, tracks }))
    }
  })
  out?.flush()
  process.stdout.write('strategy  targets  HR@10   NDCG@10  MRR@10\n')
  for (const { strategy, targets: count, hitRate, ndcg, mrr } of qualities)
    process.stdout.write(
      `${strategy.padEnd(9)} ${String(count).padStart(7)}  ${hitRate.toFixed(4)}  ${ndcg.toFixed(4)}   ${mrr.toFixed(4)}\n`
    )
  return 0
}

/** A file of lines, written in pieces. A path that can't be written is refused at once, not after the work. */
class LineFile {
  #piece = ''

  constructor(private readonly path: string) {
    writeFileSync(path, '')
  }

  write(line: string): void {
    this.#piece += `${line}\n`
    if (this.#piece.length >= PIECE) this.flush()
  }

  flush(): void {
    appendFileSync(this.path, this.#piece)
    this.#piece = ''
  }
}
