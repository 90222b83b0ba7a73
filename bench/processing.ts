import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { figure } from './figures.js'
import { startProduct } from './product.js'
import { type Prepared, produceInto } from './workload.js'

const MILLION = 1_000_000

/** Catching up with the reference workload, durable. */
export async function processing(prepared: Prepared, events: number): Promise<void> {
  const { directory } = prepared
  await produceInto(prepared, events)
  const input = sizeOf(directory)
  const product = await startProduct(directory)
  const { cpu, wall, loop } = await product.ask('settled')
  figure('processing: rate', (1000 * events) / wall, 'events/s')
  figure('processing: CPU', cpu / events, 'us/event')
  figure('processing: event loop held, p99', loop.p99, 'ms')
  figure('processing: event loop held, most', loop.most, 'ms')
  const { residentMb, anonymousMb } = await product.ask('memory')
  figure(`processing: resident memory${events >= MILLION ? ', a million events' : ''}`, residentMb, 'MB')
  figure('processing: of it without mapped files', anonymousMb, 'MB')
  await product.stop()
  figure('disk: input', input / 1e6, 'MB')
  for (const part of ['log', 'state', 'view']) figure(`disk: ${part}`, sizeOf(join(directory, part)) / 1e6, 'MB')
  figure('disk: growth beyond the input', (sizeOf(directory) - input) / events, 'B/event')
}

/** Bytes on disk of all files under a directory; what vanishes meanwhile, or is not there, counts as nothing. */
export function sizeOf(path: string): number {
  if (!existsSync(path)) return 0
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.blocks ?? 0) * 512, 0)
}
