/** How much room V8's heap has before it is collected: a choice between memory and processor time. */
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'

/**
 * Marking begins when 70 % of the room is used; unset, it begins the size of a young generation before the end, which is nearly at once.
 */
const MARKING = ['--incremental-marking-soft-trigger=70', '--incremental-marking-hard-trigger=95']
const LOOK_MS = 1_000
/** While the young generation of a small heap grows to its size: it doubles at a collection, and must not do so twice unseen. */
const GROWING_MS = 10
const MEGABYTE = 1024 * 1024

/** The growth of a heap of so many megabytes, and what lies between. */
const SMALL = { megabytes: 110, percent: 20 }
const LARGE = { megabytes: 220, percent: 40 }
/** The young generation of a heap below `megabytes` stops growing at `young`; unset, it has 16 MB soon. */
const YOUNG = { megabytes: 140, young: 8 }

/**
 * Percent of what is alive by which a heap in use of so many bytes may grow; unset, V8 lets it double and more. A collection costs what
 * is alive: where that is little, memory is saved, and where it is much, time.
 */
export function growthOf(used: number): number {
  const percent =
    SMALL.percent + ((used / MEGABYTE - SMALL.megabytes) * (LARGE.percent - SMALL.percent)) / (LARGE.megabytes - SMALL.megabytes)
  return Math.round(Math.min(LARGE.percent, Math.max(SMALL.percent, percent)))
}

/** By how much the young generation of so many bytes grows at a time: by nothing, or to twice its size as V8 lets it. */
export const youngGrowthOf = (used: number, young: number): number =>
  used < YOUNG.megabytes * MEGABYTE && young >= YOUNG.young * MEGABYTE ? 1 : 2

// Before all else is loaded, which takes more than a small heap's share: what is not grown need not be given back.
setFlagsFromString('--semi-space-growth-factor=1')

/** Sets V8's flags, and follows the heap until the function that is returned is called. */
export function tendHeap(): () => void {
  for (const flag of MARKING) setFlagsFromString(flag)
  let set = ''
  let timer: NodeJS.Timeout
  const look = () => {
    const { used_heap_size } = getHeapStatistics()
    const young = youngBytes()
    const flags = `--heap-growing-percent=${growthOf(used_heap_size)} --semi-space-growth-factor=${youngGrowthOf(used_heap_size, young)}`
    if (flags !== set) setFlagsFromString(flags)
    set = flags
    timer = setTimeout(look, young < YOUNG.young * MEGABYTE ? GROWING_MS : LOOK_MS).unref()
  }
  look()
  return () => clearTimeout(timer)
}

/** Of the two halves that it is copied between, one. */
const youngBytes = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!.space_size / 2
