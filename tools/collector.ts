/** How much V8's heap may grow before it is collected: a choice between memory and processor time. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'

/**
 * Marking begins when 70 % of the room is used; unset, it begins the size of a young generation before the end, which is nearly at once.
 */
const MARKING = ['--incremental-marking-soft-trigger=70', '--incremental-marking-hard-trigger=95']
const LOOK_MS = 1_000
const MEGABYTE = 1024 * 1024

/**
 * Percent of what is alive by which a heap in use of so many bytes may grow; unset, V8 lets it double and more. A collection costs what
 * is alive: where that is little, memory is saved, and where it is much, time.
 */
export function growthOf(used: number): number {
  const percent =
    SMALL.percent + ((used / MEGABYTE - SMALL.megabytes) * (LARGE.percent - SMALL.percent)) / (LARGE.megabytes - SMALL.megabytes)
  return Math.round(Math.min(LARGE.percent, Math.max(SMALL.percent, percent)))
}

const SMALL = { megabytes: 110, percent: 20 }
const LARGE = { megabytes: 220, percent: 40 }

/** Sets V8's flags, and follows the heap until the function that is returned is called. */
export function tendHeap(): () => void {
  for (const flag of MARKING) setFlagsFromString(flag)
  let growth = 0
  const look = () => {
    const now = growthOf(getHeapStatistics().used_heap_size)
    if (now !== growth) setFlagsFromString(`--heap-growing-percent=${now}`)
    growth = now
  }
  look()
  const timer = setInterval(look, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
