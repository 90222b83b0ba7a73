import type { Clock } from './clock.js'

/** Work that would hold the event loop is cut into slices of about this length, milliseconds. */
export const SLICE_MS = 5

/** Whoever waits for the event loop has their turn. */
export const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Runs all steps, in slices. */
export async function inSlices<T>(steps: Generator<void, T>, clock: Pick<Clock, 'now'>): Promise<T> {
  for (let until = clock.now() + SLICE_MS; ; ) {
    const step = steps.next()
    if (step.done) return step.value
    if (clock.now() < until) continue
    await nextTurn()
    until = clock.now() + SLICE_MS
  }
}

/** Runs all steps. */
export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
