/** A dictionary has fewer names than this: no `Map` of V8 holds more. */
const NAMES = 2 ** 24
/** So that ids are exact; days have room until the last that a `Date` can say. */
const WINDOWS = 2 ** 29

/** The id of a value: that of its key's name, and which window. @throws RangeError there is no such window */
export function valueId(name: number, window: number): number {
  if (window === 0) return name
  if (!(Number.isInteger(window) && window > 0 && window < WINDOWS))
    throw new RangeError(`${window} is no window: they are 0 to ${WINDOWS - 1}`)
  return window * NAMES + name
}

export const nameIdOf = (id: number): number => id % NAMES
export const windowOf = (id: number): number => Math.floor(id / NAMES)
